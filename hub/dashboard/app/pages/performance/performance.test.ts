import { expect, test } from "vitest";
import type { Endpoint } from "../../api/model";
import { apdexOf, waitedOf } from "./apdex";
import { SLOW_ORDER, slowCsv, slowRows } from "./slowState";

const endpoint = (path: string, figures: Partial<Endpoint>): Endpoint => ({
  method: "GET",
  path,
  requests: 10,
  client_errors: 0,
  server_errors: 0,
  validation_errors: 0,
  p50_ms: 1,
  p75_ms: 1,
  p95_ms: 1,
  p99_ms: 1,
  mean_ms: 1,
  total_ms: 10,
  by_status: {},
  max_ms: 1,
  apdex: 1,
  apdex_threshold_ms: 500,
  expected_errors: 0,
  expected_server_errors: 0,
  request_bytes: 0,
  response_bytes: 0,
  first_seen_at: 0,
  last_seen_at: 0,
  ...figures,
});
const sorted = (query: string, rows: Endpoint[]) =>
  SLOW_ORDER.sort(slowRows(rows), SLOW_ORDER.parse(new URLSearchParams(query))).map(row => row.path);

test("a request waits as long as the geometric middle of its bucket", () => {
  const bucket = (ge_ms: number, le_ms: number) => ({ ge_ms, le_ms, count: 10 });
  // The middle of the third is 500 ms: exactly the threshold still satisfies.
  const buckets = [bucket(1, 2), bucket(250, 500), bucket(250, 1000), bucket(900, 1100), bucket(1900, 2200)];
  expect(waitedOf({ zero: 5, buckets }, 500)).toEqual({ satisfied: 35, tolerating: 10, frustrated: 10 });
});

test("the score of all is weighted by requests, and endpoints without one do not count", () => {
  expect(apdexOf([endpoint("/a", { apdex: 1, requests: 30 }), endpoint("/b", { apdex: 0.5, requests: 10 })])).toBe(
    0.875,
  );
  expect(apdexOf([endpoint("/a", { apdex: null, requests: 0 })])).toBeNull();
});

test("most total time comes first: many quick requests may cost more than few slow ones", () => {
  const rows = [
    endpoint("/slow", { requests: 2, mean_ms: 900, total_ms: 1800 }),
    endpoint("/often", { requests: 5000, mean_ms: 4, total_ms: 20_000 }),
  ];
  expect(sorted("", rows)).toEqual(["/often", "/slow"]);
  expect(sorted("sort=mean", rows)).toEqual(["/slow", "/often"]);
});

test("the worst Apdex comes first, endpoints without a request are left out", () => {
  const rows = [
    endpoint("/good", {}),
    endpoint("/bad", { apdex: 0.2 }),
    endpoint("/never", { requests: 0, mean_ms: null }),
  ];
  expect(sorted("sort=apdex", rows)).toEqual(["/bad", "/good"]);
});

test("the file holds the total in full precision", () => {
  const [head, first] = slowCsv(slowRows([endpoint("/a", { requests: 3, mean_ms: 1.5, total_ms: 4.5 })])).split("\r\n");
  expect(head).toMatch(/^method,path,total_ms,requests/);
  expect(first).toMatch(/^GET,\/a,4.5,3,1.5/);
});
