#!/usr/bin/env python3
"""ClickHouse's HTTP interface in front of the engine as a library (chdb).

For tests and local development only: Sendry itself speaks to a ClickHouse server. It exists because the engine can be installed
from PyPI everywhere, and the server cannot.

One process serves one data directory, which survives `kill -9`. Each request gets an engine connection of its own, so that neither
its settings nor its database reach another request. What differs from a server: answers are buffered, so an error never comes in
the middle of one; there is one user with one password; `async_insert` is accepted and not queued; there is no `system.query_log`.

    gateway.py --data DIR [--port 8123] [--port-file FILE] [--user NAME --password WORD]

With --port 0 it takes a free one and writes its number to --port-file when it is ready.
"""

import argparse
import base64
import email.parser
import gzip
import http.server
import os
import re
import struct
import sys
import urllib.parse
import uuid

# Parameters of the HTTP interface that are no settings of a query.
NO_SETTINGS = {
    "query", "database", "default_format", "query_id", "user", "password", "quota_key", "compress", "decompress", "role",
    "stacktrace", "buffer_size", "wait_end_of_query", "client_protocol_version", "enable_http_compression",
    "http_zlib_compression_level", "send_progress_in_http_headers", "http_headers_progress_interval_ms",
    "http_write_exception_in_output_format", "session_timeout", "session_check",
}

# The HTTP status of an error, by the engine's code; all others are 500.
STATUS_OF_CODE = {
    401: {194}, 403: {192, 193, 497, 516}, 404: {46, 47, 60, 81, 115}, 400: {6, 26, 27, 36, 38, 41, 43, 53, 62, 69, 70, 117},
    408: {159, 209}, 501: {48}, 503: {202, 210},
}

INSERT = re.compile(r"^\s*INSERT\b", re.IGNORECASE)
FORMAT_AT_END = re.compile(r"\bFORMAT\s+([A-Za-z0-9_]+)\s*;?\s*$", re.IGNORECASE)

# A compressed block: a checksum that is not looked at, the method, the size with this header, the size unpacked.
CHECKSUM_BYTES = 16
BLOCK_HEADER = struct.Struct("<BII")
LZ4, UNCOMPRESSED = 0x82, 0x02


class EngineError(Exception):
    """An error as a server would tell it."""

    def __init__(self, message):
        super().__init__(message)
        found = re.search(r"Code: (\d+)", message)
        self.code = int(found.group(1)) if found else 1001
        statuses = (status for status, codes in STATUS_OF_CODE.items() if self.code in codes)
        self.status = next(statuses, 500)


def unpack_lz4(packed, size):
    """Unpacks one LZ4 block, with the `lz4` package where it is installed."""
    try:
        import lz4.block

        return lz4.block.decompress(packed, uncompressed_size=size)
    except ImportError:
        pass
    out, at = bytearray(), 0
    while True:
        token = packed[at]
        length, at = lz4_length(packed, at + 1, token >> 4)
        out += packed[at:at + length]
        at += length
        if at >= len(packed):
            return bytes(out)
        distance = packed[at] | packed[at + 1] << 8
        length, at = lz4_length(packed, at + 2, token & 15)
        length += 4
        start = len(out) - distance
        pattern = bytes(out[start:start + min(length, distance)])
        out += (pattern * (length // len(pattern) + 1))[:length]


def lz4_length(packed, at, length):
    """A length of LZ4, and where what follows it begins."""
    if length == 15:
        while packed[at] == 255:
            length, at = length + 255, at + 1
        length, at = length + packed[at], at + 1
    return length, at


def unpack(body):
    """Unpacks ClickHouse's own compressed blocks."""
    out, at = [], 0
    while at < len(body):
        method, packed_size, size = BLOCK_HEADER.unpack_from(body, at + CHECKSUM_BYTES)
        packed = body[at + CHECKSUM_BYTES + BLOCK_HEADER.size:at + CHECKSUM_BYTES + packed_size]
        if method not in (LZ4, UNCOMPRESSED):
            raise EngineError(f"Code: 89. DB::Exception: Unknown compression method: {method}. (UNKNOWN_COMPRESSION_METHOD)")
        out.append(unpack_lz4(packed, size) if method == LZ4 else packed)
        at += CHECKSUM_BYTES + packed_size
    return b"".join(out)


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Engine:
    """The engine on one directory."""

    def __init__(self, directory):
        import chdb

        os.makedirs(directory, exist_ok=True)
        self.connect = lambda: chdb.connect(directory)
        # The engine lives as long as one connection does.
        self.first = self.connect()
        self.version = str(self.first.query("SELECT version()", "TSV")).strip()

    def run(self, request):
        """Runs one statement and answers with bytes."""
        connection = self.connect()
        try:
            if request.database:
                connection.query(f"USE `{request.database.replace('`', '``')}`")
            for name, value in request.settings.items():
                connection.query(f"SET {name} = {quoted(value)}")
            if INSERT.match(request.sql) and request.data is not None:
                return self.insert(connection, request)
            return connection.query(request.sql, request.format, params=request.parameters).bytes()
        except EngineError:
            raise
        except Exception as error:
            raise EngineError(re.sub(r"^Streaming insert \w+ failed: ", "", str(error))) from None
        finally:
            connection.close()

    @staticmethod
    def insert(connection, request):
        """Inserts rows that came in the body, of any format."""
        found = FORMAT_AT_END.search(request.sql)
        if not found:
            raise EngineError("Code: 62. DB::Exception: An INSERT with data needs a FORMAT. (SYNTAX_ERROR)")
        insert = connection.send_insert(request.sql[:found.start()], found.group(1))
        try:
            if request.data:
                insert.append(request.data)
            insert.finish()
        except BaseException:
            insert.cancel()
            raise
        return b""


class Request:
    """One statement, as the HTTP interface takes it."""

    def __init__(self, query, headers, body):
        if headers.get("Content-Encoding", "").lower() == "gzip":
            body = gzip.decompress(body)
        if query.get("decompress") == "1":
            body = unpack(body)
        kind = headers.get("Content-Type", "")
        if kind.startswith("multipart/form-data"):
            message = email.parser.BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
            for part in message.get_payload():
                name = part.get_param("name", header="content-disposition")
                query[name] = part.get_payload(decode=True).decode()
            body = b""
        if query.get("query"):
            self.sql, self.data = query["query"], body
        else:
            self.sql, self.data = body.decode(), None
        if not self.sql.strip():
            raise EngineError("Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)")
        found = FORMAT_AT_END.search(self.sql)
        self.format = found.group(1) if found else query.get("default_format", "TabSeparated")
        self.database = query.get("database") or headers.get("X-ClickHouse-Database")
        self.parameters = {name[6:]: value for name, value in query.items() if name.startswith("param_")}
        self.settings = {
            name: value for name, value in query.items() if name not in NO_SETTINGS and not name.startswith("param_")
        }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Says nothing: what goes wrong stands in the answer."""

    def do_GET(self):
        self.answer(read_only=True)

    def do_POST(self):
        self.answer(read_only=False)

    def answer(self, read_only):
        try:
            body = self.read_body()
        except ConnectionError:
            # The client gave its insert up: nothing was written.
            self.close_connection = True
            return
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/ping" or (url.path == "/" and read_only and not url.query):
            return self.reply(200, b"Ok.\n")
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        try:
            self.check_user(query)
            request = Request(query, self.headers, body)
            if read_only:
                request.settings.setdefault("readonly", "2")
            out = self.server.engine.run(request)
            self.reply(200, out, {"X-ClickHouse-Format": request.format})
        except EngineError as error:
            text = str(error).strip()
            if "(version" not in text:
                text += f" (version {self.server.engine.version})"
            self.reply(error.status, text.encode() + b"\n", {"X-ClickHouse-Exception-Code": str(error.code)})

    def check_user(self, query):
        user = self.headers.get("X-ClickHouse-User") or query.get("user") or "default"
        password = self.headers.get("X-ClickHouse-Key") or query.get("password") or ""
        authorization = self.headers.get("Authorization", "")
        if authorization.startswith("Basic "):
            user, _, password = base64.b64decode(authorization[6:]).decode().partition(":")
        if (user, password) != self.server.credentials:
            raise EngineError(
                f"Code: 516. DB::Exception: {user}: Authentication failed: password is incorrect, or there is no user with such "
                "name. (AUTHENTICATION_FAILED)"
            )

    def read_body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while True:
            line = self.rfile.readline(1024).split(b";")[0].strip()
            if not line:
                raise ConnectionError("the body broke off")
            size = int(line, 16)
            chunk = self.rfile.read(size)
            if len(chunk) != size:
                raise ConnectionError("the body broke off")
            self.rfile.readline(1024)
            if size == 0:
                return b"".join(chunks)
            chunks.append(chunk)

    def reply(self, status, body, headers=None):
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-ClickHouse-Query-Id", str(uuid.uuid4()))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that goes away is no news."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="the directory of the data")
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--port-file", help="where to write the port when it is ready")
    parser.add_argument("--user", default="default")
    parser.add_argument("--password", default="")
    options = parser.parse_args()
    engine = Engine(options.data)
    server = Server(("127.0.0.1", options.port), Handler)
    server.engine, server.credentials = engine, (options.user, options.password)
    port = server.server_address[1]
    if options.port_file:
        with open(options.port_file + ".new", "w", encoding="ascii") as file:
            file.write(str(port))
        os.replace(options.port_file + ".new", options.port_file)
    print(f"ClickHouse {engine.version} at http://127.0.0.1:{port}, data in {options.data}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
