import { expect, test } from "vitest";
import { figures } from "./figures";

const step = (by_status: Record<string, number>, expected_by_status: Record<string, number>) => ({
  start: 0,
  by_status,
  expected_by_status,
  requests: Object.values(by_status).reduce((sum, count) => sum + count, 0),
  expected_errors: Object.values(expected_by_status).reduce((sum, count) => sum + count, 0),
  request_bytes: 0,
  response_bytes: 0,
});
const range = { from: 0, to: 120, step_secs: 60, tier: "1m" as const, tz: "UTC" };

test("errors that are expected are in no rate, and their number is told", () => {
  const data = [step({ "200": 90, "404": 6, "500": 4 }, { "404": 5 }), step({ "200": 100 }, {})];
  const { errors, requests } = figures({ range, as_of: 120, data }, 2);
  expect(errors.amount).toBe(5 / 200);
  expect(errors.note).toBe("4xx 0.50\u00a0% · 5xx 2.00\u00a0%");
  expect(errors.title).toBe("1 client errors, 4 server errors; 5 more are expected and not counted");
  expect(requests.note).toBe("195 without error");
});

test("where nothing is expected, nothing is said of it", () => {
  const { errors } = figures({ range, as_of: 120, data: [step({ "404": 1 }, {})] }, 2);
  expect(errors.title).toBe("1 client errors, 0 server errors");
});

test("the busiest step is told a minute, with how long it is where it is longer", () => {
  const data = [step({ "200": 90 }, {}), step({ "200": 5400 }, {})];
  const noteOf = (step_secs: number) => figures({ range: { ...range, step_secs }, as_of: 120, data }, 2).rate.note;
  expect(noteOf(60)).toBe("5,400 at the busiest");
  expect(noteOf(1800)).toBe("up to 180/min over 30\u00a0min");
  expect(noteOf(3600)).toBe("up to 90/min over 1\u00a0h");
});
