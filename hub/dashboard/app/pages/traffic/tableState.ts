/** The endpoint table: which rows, in which order. What the reader chose is in the address. */
import type { Endpoint } from "../../api/model";

export interface Column {
  key: string;
  label: string;
  /** For the reader who wonders. */
  hint?: string;
  /** The value that the column sorts by; null always comes last. */
  value: (row: Endpoint) => number | string | null;
  /** Numbers begin with the highest, texts with the first. */
  first: "asc" | "desc";
}

const failed = (row: Endpoint) => row.client_errors + row.server_errors;
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
    hint: "Share of requests answered with 4xx or 5xx",
    value: errorShare,
    first: "desc",
  },
  {
    key: "p50",
    label: "p50",
    hint: "Half of the requests were at least as fast",
    value: row => row.p50_ms,
    first: "desc",
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
    key: "apdex",
    label: "Apdex",
    hint: "Satisfaction from 0 to 1, for a threshold of 500 ms",
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
] as const satisfies readonly Column[];

export interface Sort {
  column: Column;
  direction: "asc" | "desc";
}

export const DEFAULT_SORT = "requests";

export function parseSort(params: URLSearchParams): Sort {
  const column: Column = COLUMNS.find(one => one.key === params.get("sort")) ?? COLUMNS[1];
  const direction = params.get("dir");
  return { column, direction: direction === "asc" || direction === "desc" ? direction : column.first };
}

/** The parameters after a click on a column: first its natural order, then the other way round. */
export function sortParams(current: Sort, column: Column): Record<string, string | null> {
  const direction = current.column.key !== column.key ? column.first : current.direction === "asc" ? "desc" : "asc";
  return { sort: column.key === DEFAULT_SORT ? null : column.key, dir: direction === column.first ? null : direction };
}

function compare(a: number | string | null, b: number | string | null, sign: number): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return sign * (typeof a === "string" || typeof b === "string" ? String(a).localeCompare(String(b), "en") : a - b);
}

export function sortRows(rows: readonly Endpoint[], { column, direction }: Sort): Endpoint[] {
  const sign = direction === "asc" ? 1 : -1;
  const byName = (a: Endpoint, b: Endpoint) => compare(`${a.path} ${a.method}`, `${b.path} ${b.method}`, 1);
  return [...rows].sort((a, b) => compare(column.value(a), column.value(b), sign) || byName(a, b));
}

/** All words must occur in method and path, in any order. */
export function matches(row: Endpoint, search: string): boolean {
  const text = `${row.method} ${row.path}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

export const neverCalled = (row: Endpoint) => row.first_seen_at === null && row.requests === 0;

/** What routes mean that are not routes of the app. */
export const SPECIAL_PATHS: Record<string, string> = {
  "(unmatched)": "Requests whose path fits no route of the app, together for each method",
  "(other)": "Requests of routes beyond the limit of series in one minute, folded together",
};
