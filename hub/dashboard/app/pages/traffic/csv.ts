/** The endpoint table as a file: what is on screen, in full precision. */
import type { Endpoint } from "../../api/model";
import { csvOf } from "../../format/csv";

export const endpointsCsv = csvOf<Endpoint>(
  "method",
  "path",
  "requests",
  "client_errors",
  "server_errors",
  "expected_errors",
  "validation_errors",
  "p50_ms",
  "p75_ms",
  "p95_ms",
  "p99_ms",
  "mean_ms",
  "max_ms",
  "apdex",
  "apdex_threshold_ms",
  "request_bytes",
  "response_bytes",
  "first_seen_at",
  "last_seen_at",
);
