/** A logged request as a curl command, to be pasted into a shell. What was masked stays masked. */
import type { LogDetail } from "../../../api/model";

/** Set by curl itself, or of one connection only. */
const LEFT_OUT = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding"]);

/** In single quotes a shell changes nothing; a quote itself is put between two of them. */
export const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function addressOf({ url, request }: Pick<LogDetail, "url" | "request">): string {
  if (/^https?:\/\//i.test(url)) return url;
  const header = (name: string) => request.headers.find(one => one.name.toLowerCase() === name)?.value;
  const scheme = header("x-forwarded-proto") === "https" ? "https" : "http";
  return `${scheme}://${header("x-forwarded-host") ?? header("host") ?? "localhost"}${url}`;
}

export function curlOf(log: Pick<LogDetail, "method" | "url" | "request">): string {
  const headers = log.request.headers
    .filter(({ name }) => !LEFT_OUT.has(name.toLowerCase()) && !name.startsWith(":"))
    .map(({ name, value }) => `-H ${shellQuoted(`${name}: ${value}`)}`);
  const body = log.request.body.text;
  const parts = [
    `curl${log.method === "GET" ? "" : log.method === "HEAD" ? " --head" : ` -X ${shellQuoted(log.method)}`} ${shellQuoted(addressOf(log))}`,
    ...headers,
    ...(body == null ? [] : [`--data-raw ${shellQuoted(body)}`]),
  ];
  return parts.join(" \\\n  ");
}
