import { expect, test } from "vitest";
import { codesOf, failuresOf } from "../../api/errorCodes";
import type { Endpoint, ExpectedError } from "../../api/model";
import { CODE_ORDER, causeId, codeId } from "./errorState";

const code = (status: string, count: number, requests = 100) => ({
  status,
  method: "GET",
  path: "/a",
  count,
  requests,
  expectedId: null,
});
const sorted = (query: string, rows: ReturnType<typeof code>[]) =>
  CODE_ORDER.sort(rows, CODE_ORDER.parse(new URLSearchParams(query))).map(one => one.status);

test("the most frequent failure comes first, the worst share on demand", () => {
  const rows = [code("404", 9), code("500", 5, 5), code("401", 50)];
  expect(sorted("", rows)).toEqual(["401", "404", "500"]);
  expect(sorted("sort=share", rows)).toEqual(["500", "401", "404"]);
});

test("what went well is left out, and a quiet step is not a hole", () => {
  const step = {
    start: 0,
    requests: 9,
    by_status: { "200": 6, "404": 2, "503": 1 },
    request_bytes: 0,
    response_bytes: 0,
  };
  const [failed, quiet] = failuresOf([step, { ...step, by_status: { "200": 9 } }]);
  expect(failed).toMatchObject({ requests: 3, by_status: { "404": 2, "503": 1 } });
  expect(quiet).toMatchObject({ requests: 0, by_status: {} });
});

test("a cause has one name, however often it was counted", () => {
  const cause = {
    method: "GET",
    path: "/a",
    status: 500,
    type: "panic",
    message: "no",
    group_id: "g",
    first_version: null,
    last_version: null,
    location: null,
    backtrace: null,
    expected: false,
    count: 1,
    consumers: 0,
    first_seen_at: 0,
    last_seen_at: 0,
  };
  expect(causeId(cause)).toBe(causeId({ ...cause, count: 7, backtrace: "0: main" }));
  expect(causeId(cause)).not.toBe(causeId({ ...cause, location: "src/main.rs:1:1" }));
  expect(codeId(code("404", 1))).toBe(codeId(code("404", 2)));
});

test("each status of failure of each endpoint is a row, and what is expected says so", () => {
  const endpoints = [
    { method: "GET", path: "/a", requests: 10, by_status: { "200": 6, "404": 3, "500": 1 } },
    { method: "PUT", path: "/a", requests: 2, by_status: { "404": 2 } },
  ] as unknown as Endpoint[];
  const expected = [{ id: "e1", method: "GET", path: "/a", status: 404 }] as ExpectedError[];
  expect(codesOf(endpoints, expected)).toEqual([
    { status: "404", method: "GET", path: "/a", count: 3, requests: 10, expectedId: "e1" },
    { status: "500", method: "GET", path: "/a", count: 1, requests: 10, expectedId: null },
    { status: "404", method: "PUT", path: "/a", count: 2, requests: 2, expectedId: null },
  ]);
});

test("what is expected is taken out of its own step and status only", () => {
  const step = (start: number, by_status: Record<string, number>) => ({
    ...{ start, by_status, requests: 9, request_bytes: 0, response_bytes: 0 },
  });
  const steps = [step(0, { "404": 5, "500": 1 }), step(60, { "404": 5 })];
  const left = failuresOf(steps, [step(0, { "404": 4 }), step(0, { "404": 1 }), step(60, { "404": 2 })]);
  expect(left.map(one => one.by_status)).toEqual([{ "500": 1 }, { "404": 3 }]);
  expect(left.map(one => one.requests)).toEqual([1, 3]);
});
