/** The rows that are loaded as a file: what is on screen, as CSV for spreadsheets or as JSON lines for programs. */
import type { LogRow } from "../../../api/model";
import { toCsv } from "../../../format/csv";

const COLUMNS = [
  "time",
  "id",
  "method",
  "path",
  "url",
  "status",
  "duration_ms",
  "consumer",
  "client_address",
  "request_bytes",
  "response_bytes",
  "trace_id",
] as const;

const timeOf = (row: LogRow) => new Date(row.time_us / 1000).toISOString();

export function logsCsv(rows: readonly LogRow[]): string {
  return toCsv(
    COLUMNS,
    rows.map(row => [
      timeOf(row),
      row.id,
      row.method,
      row.path,
      row.url,
      row.status,
      row.duration_ms,
      row.consumer?.identifier,
      row.client_address,
      row.request_bytes,
      row.response_bytes,
      row.trace_id,
    ]),
  );
}

export function logsNdjson(rows: readonly LogRow[]): string {
  return rows.map(row => `${JSON.stringify({ time: timeOf(row), ...row })}\n`).join("");
}
