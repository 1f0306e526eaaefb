/** The endpoint table as a file: what is on screen, in full precision. */
import type { Endpoint } from "../../api/model";
import { toCsv } from "../../format/csv";

const CSV_COLUMNS = [
  "method",
  "path",
  "requests",
  "client_errors",
  "server_errors",
  "validation_errors",
  "p50_ms",
  "p75_ms",
  "p95_ms",
  "p99_ms",
  "mean_ms",
  "max_ms",
  "apdex",
  "request_bytes",
  "response_bytes",
  "first_seen_at",
  "last_seen_at",
] as const satisfies readonly (keyof Endpoint)[];

export function endpointsCsv(rows: readonly Endpoint[]): string {
  return toCsv(
    CSV_COLUMNS,
    rows.map(row => CSV_COLUMNS.map(column => row[column])),
  );
}
