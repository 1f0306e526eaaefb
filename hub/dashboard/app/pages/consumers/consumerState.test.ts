import { expect, test } from "vitest";
import type { Consumer } from "../../api/model";
import { arrivals } from "./arrivals";
import { CONSUMER_ORDER, consumersCsv, matches, nameOf } from "./consumerState";
import { groupsOf, isNew } from "./groups";

const row = (identifier: string | null, some: Partial<Consumer> = {}): Consumer => ({
  consumer_id: "0123456789abcdef",
  identifier,
  name: null,
  group: null,
  requests: 10,
  client_errors: 0,
  server_errors: 0,
  p50_ms: null,
  p95_ms: null,
  p99_ms: null,
  request_bytes: 0,
  response_bytes: 0,
  first_seen_at: 0,
  last_seen_at: 0,
  ...some,
});

test("a consumer goes by its name, else its identifier, else says that it was forgotten", () => {
  expect(nameOf(row("acme", { name: "Acme" }))).toBe("Acme");
  expect(nameOf(row("acme"))).toBe("acme");
  expect(nameOf(row(null))).toBe("forgotten 01234567");
});

test("the most frequent comes first, the worst share of errors on demand", () => {
  const rows = [row("a", { requests: 50, client_errors: 1 }), row("b", { server_errors: 5 })];
  const sorted = (query: string) =>
    CONSUMER_ORDER.sort(rows, CONSUMER_ORDER.parse(new URLSearchParams(query))).map(one => one.identifier);
  expect(sorted("")).toEqual(["a", "b"]);
  expect(sorted("sort=errors")).toEqual(["b", "a"]);
});

test("the search looks at name, identifier and group", () => {
  const acme = row("acme-eu", { name: "Acme Stores", group: "enterprise" });
  for (const search of ["stores", "ACME-EU", "enter acme", ""]) expect(matches(acme, search)).toBe(true);
  expect(matches(acme, "trial")).toBe(false);
});

test("the CSV quotes what a spreadsheet would take for a formula", () => {
  expect(consumersCsv([row("=1+1")])).toContain("'=1+1");
});

test("groups add up their consumers, and those without one are together", () => {
  const of = (group: string | null, requests: number, server_errors = 0) =>
    ({
      group,
      requests,
      client_errors: 0,
      server_errors,
      request_bytes: 1,
      response_bytes: 2,
      last_seen_at: requests,
    }) as Consumer;
  const groups = groupsOf([of("a", 5, 1), of(null, 100), of("a", 7), of(null, 1)]);
  expect(groups.map(one => [one.name, one.consumers, one.requests, one.server_errors, one.last_seen_at])).toEqual([
    [null, 2, 101, 0, 100],
    ["a", 2, 12, 1, 7],
  ]);
});

test("whoever was seen first within the range is new, and stands where they came", () => {
  const range = { from: 6000, to: 9600, step_secs: null, tier: "1m" as const, tz: "UTC" };
  const rows = [5999, 6000, 6010, 9599].map(first_seen_at => ({ first_seen_at }) as Consumer);
  expect(rows.map(row => isNew(row, range))).toEqual([false, true, true, true]);
  const { slots, series } = arrivals(rows, range);
  const values = series[0]?.values ?? [];
  expect([values[0], values.at(-1), values.reduce<number>((sum, one) => sum + (one ?? 0), 0)]).toEqual([2, 1, 3]);
  expect(slots[0]?.start).toBe(6000);
});
