import { expect, test } from "vitest";
import { callersOf, isSame } from "../../api/callers";
import type { ValidationError } from "../../api/model";
import { hasWords } from "../../table/sorting";
import {
  endpointsIn,
  fieldOf,
  filterOf,
  groupId,
  isOf,
  searchText,
  VALIDATION_ORDER,
  validationCsv,
} from "./validationState";

const row = (some: Partial<ValidationError> = {}): ValidationError => ({
  method: "POST",
  path: "/orders",
  status: 422,
  expected: false,
  location: "body",
  field: "items.*.quantity",
  message: "must be at least 1",
  code: "range",
  count: 1,
  consumers: 0,
  group_id: "g",
  first_version: null,
  last_version: null,
  first_seen_at: 10,
  last_seen_at: 20,
  ...some,
});
const params = (query: string) => new URLSearchParams(query);
const sorted = (query: string, rows: ValidationError[]) =>
  VALIDATION_ORDER.sort(rows, VALIDATION_ORDER.parse(params(query))).map(one => one.field);

test("the field that fails most comes first unless the address says otherwise", () => {
  const rows = [row({ field: "a", count: 2 }), row({ field: "b", count: 9 }), row({ field: "c", last_seen_at: 99 })];
  expect(sorted("", rows)).toEqual(["b", "a", "c"]);
  expect(sorted("sort=last", rows)).toEqual(["c", "a", "b"]);
  expect(sorted("sort=field&dir=desc", rows)).toEqual(["c", "b", "a"]);
});

test("a field is named with where it stands, a body as a whole by that alone", () => {
  expect(fieldOf(row())).toBe("body.items.*.quantity");
  expect(fieldOf(row({ field: "" }))).toBe("body");
});

test("the endpoint and all words of the search must fit", () => {
  expect(hasWords(searchText(row()), "QUANTITY least")).toBe(true);
  expect(hasWords(searchText(row()), "quantity absent")).toBe(false);
  expect(isOf(row(), filterOf(params("method=POST&path=/orders")))).toBe(true);
  expect(isOf(row(), filterOf(params("method=PUT&path=/orders")))).toBe(false);
  expect(isOf(row(), filterOf(params("")))).toBe(true);
});

test("each endpoint is offered once", () => {
  const rows = [row(), row({ field: "x" }), row({ path: "/a" }), row({ method: "GET" })];
  expect(endpointsIn(rows)).toEqual([
    { method: "POST", path: "/a" },
    { method: "GET", path: "/orders" },
    { method: "POST", path: "/orders" },
  ]);
});

test("a group has one name, whatever was counted", () => {
  expect(groupId(row({ count: 5 }))).toBe(groupId(row({ count: 6, last_seen_at: 0 })));
  expect(groupId(row({ code: "" }))).not.toBe(groupId(row()));
  expect(isSame(row({ count: 5 }), row())).toBe(true);
  expect(isSame(row({ message: "other" }), row())).toBe(false);
});

test("callers come with the most first, and what nobody is named for is the rest", () => {
  const caller = (identifier: string, count: number) => ({ identifier, name: null, group: null, count });
  const { rows, rest } = callersOf([caller("a", 1), caller("b", 7), caller("c", 0)], 10);
  expect(rows.map(one => one.identifier)).toEqual(["b", "a"]);
  expect(rest).toBe(2);
  expect(callersOf([caller("a", 12)], 10).rest).toBe(0);
});

test("the CSV is safe to open in a spreadsheet", () => {
  expect(validationCsv([row({ message: "=HYPERLINK()" })]).split("\r\n")[1]).toContain("'=HYPERLINK()");
});
