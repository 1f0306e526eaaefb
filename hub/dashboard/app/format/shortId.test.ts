import { expect, test } from "vitest";
import { shortId } from "./shortId";

test("the same parts have the same name, others another", () => {
  expect(shortId(["GET", "/a", null])).toBe(shortId(["GET", "/a", null]));
  const names = Array.from({ length: 5000 }, (_, index) => shortId(["GET", `/v1/orders/${index}`, "body"]));
  expect(new Set(names).size).toBe(5000);
  expect(shortId(["ab", "c"])).not.toBe(shortId(["a", "bc"]));
});

test("whatever the parts hold, the name is letters and digits", () => {
  expect(shortId(["<img src=x>", "\u0000", "💥"])).toMatch(/^[a-z0-9]{8,14}$/);
});
