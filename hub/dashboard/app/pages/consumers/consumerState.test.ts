import { expect, test } from "vitest";
import type { Consumer } from "../../api/model";
import { hasWords } from "../../table/sorting";
import { CONSUMER_ORDER, consumersCsv, nameOf, searchText } from "./consumerState";
import { isNew } from "./groups";

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
  for (const search of ["stores", "ACME-EU", "enter acme", ""]) expect(hasWords(searchText(acme), search)).toBe(true);
  expect(hasWords(searchText(acme), "trial")).toBe(false);
});

test("the CSV quotes what a spreadsheet would take for a formula", () => {
  expect(consumersCsv([row("=1+1")])).toContain("'=1+1");
});

test("whoever was seen first within the range is new", () => {
  const rows = [5999, 6000, 9599].map(first_seen_at => ({ first_seen_at }));
  expect(rows.map(one => isNew(one, { from: 6000 }))).toEqual([false, true, true]);
});
