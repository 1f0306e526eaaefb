import { expect, test } from "vitest";
import { failuresOf } from "../../api/errorCodes";
import { CODE_ORDER, causeId, codeId } from "./errorState";

const code = (status: string, count: number, requests = 100) => ({
  status,
  method: "GET",
  path: "/a",
  count,
  requests,
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
    count: 1,
    consumers: 0,
    first_seen_at: 0,
    last_seen_at: 0,
  };
  expect(causeId(cause)).toBe(causeId({ ...cause, count: 7, backtrace: "0: main" }));
  expect(causeId(cause)).not.toBe(causeId({ ...cause, location: "src/main.rs:1:1" }));
  expect(codeId(code("404", 1))).toBe(codeId(code("404", 2)));
});
