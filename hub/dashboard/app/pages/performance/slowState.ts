/** The table of slow endpoints: where the time goes, and what is slow for whoever waits. */
import type { Endpoint } from "../../api/model";
import { csvOf } from "../../format/csv";
import { type Column, orderBy } from "../../table/sorting";

export type SlowRow = Endpoint;

/** Endpoints that were called. */
export const slowRows = (rows: readonly Endpoint[]): SlowRow[] => rows.filter(row => row.requests > 0);

const COLUMNS = [
  { key: "path", label: "Endpoint", text: true, value: row => `${row.path} ${row.method}`, first: "asc" },
  {
    key: "total",
    label: "Total time",
    hint: "Requests × mean: where the time goes",
    value: row => row.total_ms,
    first: "desc",
  },
  { key: "requests", label: "Requests", value: row => row.requests, first: "desc" },
  { key: "mean", label: "Mean", value: row => row.mean_ms, first: "desc" },
  { key: "p50", label: "p50", value: row => row.p50_ms, first: "desc" },
  { key: "p95", label: "p95", value: row => row.p95_ms, first: "desc" },
  { key: "p99", label: "p99", value: row => row.p99_ms, first: "desc" },
  { key: "max", label: "Max", value: row => row.max_ms, first: "desc" },
  { key: "apdex", label: "Apdex", hint: "From 0, nobody is satisfied, to 1", value: row => row.apdex, first: "asc" },
] as const satisfies readonly Column<SlowRow>[];

export const SLOW_ORDER = orderBy<SlowRow>(COLUMNS, COLUMNS[1], row => `${row.path} ${row.method}`);

export const slowCsv = csvOf<SlowRow>(
  "method",
  "path",
  "total_ms",
  "requests",
  "mean_ms",
  "p50_ms",
  "p75_ms",
  "p95_ms",
  "p99_ms",
  "max_ms",
  "apdex",
);
