/** The table of consumers: which rows, in which order. */
import type { Consumer } from "../../api/model";
import { csvOf } from "../../format/csv";
import { type Column, orderBy } from "../../table/sorting";

/** What a consumer is called; one whose identifier was forgotten has only the beginning of its hash. */
export const nameOf = (row: Consumer) => row.name ?? row.identifier ?? `forgotten ${row.consumer_id.slice(0, 8)}`;
const failed = (row: Consumer) => (row.client_errors + row.server_errors) / Math.max(1, row.requests);

const COLUMNS = [
  { key: "name", label: "Consumer", text: true, value: nameOf, first: "asc" },
  { key: "group", label: "Group", text: true, value: row => row.group ?? null, first: "asc" },
  { key: "errors", label: "Errors", hint: "Share answered with 4xx or 5xx", value: failed, first: "desc" },
  { key: "p50", label: "p50", hint: "Within 9 %", value: row => row.p50_ms ?? null, first: "desc", extra: true },
  { key: "p95", label: "p95", hint: "Within 9 %", value: row => row.p95_ms ?? null, first: "desc" },
  { key: "bytes", label: "Data out", value: row => row.response_bytes, first: "desc", extra: true },
  { key: "first", label: "First seen", hint: "Ever", value: row => row.first_seen_at, first: "desc" },
  { key: "last", label: "Last seen", value: row => row.last_seen_at, first: "desc" },
  { key: "requests", label: "Requests", value: row => row.requests, first: "desc" },
] as const satisfies readonly Column<Consumer>[];

export const CONSUMER_ORDER = orderBy<Consumer>(COLUMNS, COLUMNS[8], nameOf);

/** What a search looks into. */
export const searchText = (row: Consumer) => `${nameOf(row)} ${row.identifier ?? ""} ${row.group ?? ""}`;

export const consumersCsv = csvOf<Consumer>(
  "identifier",
  "name",
  "group",
  "requests",
  "client_errors",
  "server_errors",
  "p50_ms",
  "p95_ms",
  "p99_ms",
  "request_bytes",
  "response_bytes",
  "first_seen_at",
  "last_seen_at",
);
