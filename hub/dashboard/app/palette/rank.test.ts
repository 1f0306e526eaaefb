import { expect, test } from "vitest";
import { rank } from "./rank";

const ENTRIES = [
  { group: "Pages", label: "Traffic" },
  { group: "Pages", label: "Validation errors" },
  { group: "Pages", label: "Errors" },
  { group: "Endpoints", label: "GET /v1/orders/{id}" },
  { group: "Endpoints", label: "POST /v1/errors" },
  { group: "Theme", label: "Dark", words: "colour night" },
];
const found = (typed: string, max = 10) => rank(ENTRIES, typed, max).map(entry => entry.label);

test("nothing typed shows everything in its order", () => {
  expect(found("  ")).toEqual(ENTRIES.map(entry => entry.label));
  expect(found("", 2)).toHaveLength(2);
});

test("what begins with the text comes before what contains it", () => {
  expect(found("err")).toEqual(["Errors", "Validation errors", "POST /v1/errors"]);
});

test("all words must fit, in any order", () => {
  expect(found("orders get")).toEqual(["GET /v1/orders/{id}"]);
  expect(found("orders post")).toEqual([]);
});

test("other words and the name of the group find an entry too", () => {
  expect(found("night")).toEqual(["Dark"]);
  expect(found("theme")).toEqual(["Dark"]);
});

test("entries of one group stay together", () => {
  const groups = rank(ENTRIES, "e", 10).map(entry => entry.group);
  expect(groups).toEqual([...groups].sort((a, b) => groups.indexOf(a) - groups.indexOf(b)));
});

test("a text with signs of regular expressions is only text", () => {
  expect(found("{id}")).toEqual(["GET /v1/orders/{id}"]);
  expect(found("(.*")).toEqual([]);
});
