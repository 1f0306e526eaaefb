import { expect, test } from "vitest";
import type { Endpoint } from "../../api/model";
import { hasWords } from "../../table/sorting";
import { endpointsCsv } from "./csv";
import { COLUMNS, ENDPOINT_ORDER, errorShare, neverCalled, searchText } from "./tableState";

const { parse: parseSort, click: sortParams, sort: sortRows } = ENDPOINT_ORDER;

const NOBODY: Endpoint = {
  method: "GET",
  path: "/",
  requests: 0,
  client_errors: 0,
  server_errors: 0,
  validation_errors: 0,
  p50_ms: null,
  p75_ms: null,
  p95_ms: null,
  p99_ms: null,
  mean_ms: null,
  total_ms: 0,
  by_status: {},
  max_ms: null,
  apdex: null,
  apdex_threshold_ms: 500,
  expected_errors: 0,
  expected_server_errors: 0,
  request_bytes: 0,
  response_bytes: 0,
  first_seen_at: null,
  last_seen_at: null,
};
const row = (path: string, some: Partial<Endpoint> = {}): Endpoint => ({ ...NOBODY, path, ...some });
const sorted = (query: string, rows: Endpoint[]) =>
  sortRows(rows, parseSort(new URLSearchParams(query))).map(one => one.path);

test("the busiest endpoint comes first unless the address says otherwise", () => {
  expect(sorted("", [row("/a", { requests: 1 }), row("/b", { requests: 9 }), row("/c")])).toEqual(["/b", "/a", "/c"]);
  expect(sorted("dir=asc", [row("/a", { requests: 1 }), row("/b", { requests: 9 }), row("/c")])).toEqual([
    "/c",
    "/a",
    "/b",
  ]);
  expect(sorted("sort=nonsense&dir=up", [row("/a"), row("/b", { requests: 1 })])).toEqual(["/b", "/a"]);
});

test("what has no value comes last in both directions", () => {
  const rows = [row("/none"), row("/slow", { p95_ms: 900 }), row("/fast", { p95_ms: 1 })];
  expect(sorted("sort=p95", rows)).toEqual(["/slow", "/fast", "/none"]);
  expect(sorted("sort=p95&dir=asc", rows)).toEqual(["/fast", "/slow", "/none"]);
});

test("equals are in the order of their names", () => {
  expect(sorted("", [row("/b"), row("/a"), row("/a", { method: "DELETE" })])).toEqual(["/a", "/a", "/b"]);
});

test("every column sorts, and a second click turns it round", () => {
  for (const column of COLUMNS) {
    const first = sortParams(parseSort(new URLSearchParams("sort=path")), column);
    if (column.key === "path") continue;
    const now = parseSort(
      new URLSearchParams(Object.entries(first).filter((entry): entry is [string, string] => entry[1] !== null)),
    );
    expect(now).toEqual({ column, direction: column.first });
    expect(sortParams(now, column).dir).toBe(column.first === "asc" ? "desc" : "asc");
  }
});

test("a search finds all of its words in method and path", () => {
  expect(hasWords(searchText(row("/orders/{id}")), "ORDERS get")).toBe(true);
  expect(hasWords(searchText(row("/orders/{id}")), "orders post")).toBe(false);
  expect(hasWords(searchText(row("/orders")), "")).toBe(true);
});

test("a route is never called when nobody ever called it, not when it is quiet", () => {
  expect(neverCalled(row("/a"))).toBe(true);
  expect(neverCalled(row("/a", { first_seen_at: 5 }))).toBe(false);
});

test("the share of errors is unknown without requests", () => {
  expect(errorShare(row("/a"))).toBeNull();
  expect(errorShare(row("/a", { requests: 4, client_errors: 1, server_errors: 1 }))).toBe(0.5);
});

test("the CSV has a line for each row and its exact numbers", () => {
  const lines = endpointsCsv([row("/a", { requests: 1_234_567, p95_ms: 1.25 })]).split("\r\n");
  expect(lines).toHaveLength(3);
  expect(lines[1]).toBe("GET,/a,1234567,0,0,0,0,,,1.25,,,,,500,0,0,,");
});
