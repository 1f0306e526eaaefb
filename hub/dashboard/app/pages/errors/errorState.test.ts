import { expect, test } from "vitest";
import { codesOf, failuresOf } from "../../api/errorCodes";
import type { ExpectedError } from "../../api/model";
import { CODE_ORDER, causeId, codeId, consumersText, lastSeenText } from "./errorState";

const code = (status: string, count: number, requests = 100) => ({
  status,
  method: "GET",
  path: "/a",
  count,
  requests,
  expectedId: null,
  consumers: 0,
  more_consumers: false,
  last_seen_at: 0,
  last_seen_secs: 60,
});
const sorted = (query: string, rows: ReturnType<typeof code>[]) =>
  CODE_ORDER.sort(rows, CODE_ORDER.parse(new URLSearchParams(query))).map(one => one.status);

test("the most frequent failure comes first, the worst share on demand", () => {
  const rows = [code("404", 9), code("500", 5, 5), code("401", 50)];
  expect(sorted("", rows)).toEqual(["401", "404", "500"]);
  expect(sorted("sort=share", rows)).toEqual(["500", "401", "404"]);
});

const step = (by_status: Record<string, number>, expected_by_status: Record<string, number> = {}) => ({
  start: 0,
  requests: 9,
  by_status,
  expected_by_status,
  expected_errors: Object.values(expected_by_status).reduce((sum, count) => sum + count, 0),
  request_bytes: 0,
  response_bytes: 0,
});

test("what went well is left out, and a quiet step is not a hole", () => {
  const [failed, quiet] = failuresOf([step({ "200": 6, "404": 2, "503": 1 }), step({ "200": 9 })]);
  expect(failed).toEqual({ start: 0, requests: 3, by_status: { "404": 2, "503": 1 } });
  expect(quiet).toEqual({ start: 0, requests: 0, by_status: {} });
});

test("what is expected is taken out of its own step and status only", () => {
  const left = failuresOf([step({ "404": 5, "500": 1 }, { "404": 5 }), step({ "404": 5 }, { "404": 2 })]);
  expect(left.map(one => one.by_status)).toEqual([{ "500": 1 }, { "404": 3 }]);
  expect(left.map(one => one.requests)).toEqual([1, 3]);
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

test("a row that is expected names its mark", () => {
  const row = (status: number, method = "GET") => ({
    ...{ status, method, path: "/a", count: 3, requests: 10, expected: status === 404 },
    ...{ consumers: 1, more_consumers: false, last_seen_at: 60, last_seen_secs: 60 },
  });
  const expected = [{ id: "e1", method: "GET", path: "/a", status: 404 }] as ExpectedError[];
  const codes = codesOf([row(404), row(500), row(404, "PUT")], expected);
  expect(codes.map(one => [one.status, one.method, one.expectedId])).toEqual([
    ["404", "GET", "e1"],
    ["500", "GET", null],
    ["404", "PUT", null],
  ]);
});

test("how many consumers are met is a number, or at least one", () => {
  expect(consumersText({ consumers: 1204, more_consumers: false })).toBe("1,204");
  expect(consumersText({ consumers: 12, more_consumers: true })).toBe("12+");
  expect(consumersText({ consumers: 0, more_consumers: true })).toBe("some");
  expect(consumersText({ consumers: 0, more_consumers: false })).toBe("–");
});

test("when it was seen last is as fine as the counts that are kept", () => {
  expect(lastSeenText({ last_seen_at: 100, last_seen_secs: 60 }, 400)).toBe("5\u00a0min ago");
  expect(lastSeenText({ last_seen_at: 1_800_000, last_seen_secs: 1800 }, 9e6)).toMatch(/^\d+ Jan 1970, .* – /);
});
