-- Request logs in two tables: a slim row, by which they are found, and the text, which is read for what was found.
-- A search passes slim rows in the order of time, about eighty of them on a page.

-- The whole log as JSON, without who called. Numbers rise, so texts lie in the order of arrival.
CREATE TABLE request_log_texts (
    number INTEGER PRIMARY KEY,
    log    TEXT NOT NULL
);

CREATE TABLE found_request_logs (
    scope_id    INTEGER NOT NULL,
    -- When the request arrived.
    time_us     INTEGER NOT NULL,
    id          BLOB NOT NULL,
    -- request_log_texts.number
    number      INTEGER NOT NULL,
    route_id    INTEGER NOT NULL,
    status      INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    -- 0 where nobody is named.
    consumer_id INTEGER NOT NULL,
    trace_id    TEXT,
    -- Bytes of the text: what a search for words has to read.
    bytes       INTEGER NOT NULL,
    PRIMARY KEY (scope_id, time_us, id)
) WITHOUT ROWID;

-- What the first version of the schema held.
INSERT OR IGNORE INTO routes (scope_id, method, path, declared)
    SELECT DISTINCT scope_id, method, path, 0 FROM request_logs;
INSERT INTO request_log_texts (number, log) SELECT rowid, log FROM request_logs;
INSERT INTO found_request_logs
    SELECT l.scope_id, l.time_us, l.id, l.rowid, r.id, l.status, l.duration_us, l.consumer_id, l.log ->> '$.trace_id', length(l.log)
    FROM request_logs l JOIN routes r ON r.scope_id = l.scope_id AND r.method = l.method AND r.path = l.path;
DROP TABLE request_logs;
ALTER TABLE found_request_logs RENAME TO request_logs;

CREATE UNIQUE INDEX request_logs_by_id ON request_logs (scope_id, id);
-- All requests of a trace, or of a consumer: to be found, and to be forgotten.
CREATE INDEX request_logs_by_trace ON request_logs (scope_id, trace_id, time_us) WHERE trace_id IS NOT NULL;
CREATE INDEX request_logs_by_consumer ON request_logs (consumer_id, time_us) WHERE consumer_id != 0;
