/** The endpoint table: which rows, in which order. What the reader chose is in the address. */
import type { Endpoint } from "../../api/model";
import { type Column, orderBy } from "../../table/sorting";

const failed = (row: Endpoint) => row.client_errors + row.server_errors - row.expected_errors;
export const errorShare = (row: Endpoint) => (row.requests > 0 ? failed(row) / row.requests : null);

export const COLUMNS = [
  { key: "path", label: "Endpoint", value: row => `${row.path} ${row.method}`, first: "asc" },
  { key: "requests", label: "Requests", value: row => row.requests, first: "desc" },
  {
    key: "rate",
    label: "Req/min",
    hint: "Requests a minute, since the first report where it lies within the range",
    value: row => row.requests,
    first: "desc",
  },
  {
    key: "errors",
    label: "Errors",
    hint: "Share of requests answered with 4xx or 5xx, without what is marked as expected",
    value: errorShare,
    first: "desc",
  },
  {
    key: "invalid",
    label: "Invalid",
    hint: "Fields that failed validation",
    value: row => row.validation_errors,
    first: "desc",
    extra: true,
  },
  {
    key: "p50",
    label: "p50",
    hint: "Half of the requests were at least as fast",
    value: row => row.p50_ms,
    first: "desc",
  },
  {
    key: "p75",
    label: "p75",
    hint: "Three quarters of the requests were at least as fast",
    value: row => row.p75_ms,
    first: "desc",
    extra: true,
  },
  {
    key: "p95",
    label: "p95",
    hint: "95 % of the requests were at least as fast",
    value: row => row.p95_ms,
    first: "desc",
  },
  {
    key: "p99",
    label: "p99",
    hint: "99 % of the requests were at least as fast",
    value: row => row.p99_ms,
    first: "desc",
  },
  {
    key: "max",
    label: "Max",
    hint: "The slowest request",
    value: row => row.max_ms,
    first: "desc",
    extra: true,
  },
  {
    key: "apdex",
    label: "Apdex",
    hint: "Satisfaction from 0 to 1, for the threshold of each endpoint",
    value: row => row.apdex,
    first: "asc",
  },
  {
    key: "bytes",
    label: "Bytes",
    hint: "Sizes of requests and responses together",
    value: row => row.request_bytes + row.response_bytes,
    first: "desc",
  },
  {
    key: "seen",
    label: "Last seen",
    hint: "When it was called last, ever",
    value: row => row.last_seen_at,
    first: "desc",
  },
] as const satisfies readonly Column<Endpoint>[];

export const ENDPOINT_ORDER = orderBy<Endpoint>(COLUMNS, COLUMNS[1], row => `${row.path} ${row.method}`);

/** What a search looks into. */
export const searchText = (row: Endpoint) => `${row.method} ${row.path}`;

export const neverCalled = (row: Endpoint) => row.first_seen_at === null && row.requests === 0;

/** What routes mean that are not routes of the app. */
export const SPECIAL_PATHS: Record<string, string> = {
  "(unmatched)": "Requests whose path fits no route of the app, together for each method",
  "(other)": "Requests of routes beyond the limit of series in one minute, folded together",
};
