import { createElement, Suspense } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { fetchAhead } from "./ahead";
import { later } from "./later";

const atOnce = () => Promise.resolve();

test("scripts are fetched one after the other, until one cannot be", async () => {
  const asked: string[] = [];
  const one = (name: string, fails = false) => ({
    fetch: async () => {
      asked.push(`${name} begins`);
      await atOnce();
      if (fails) throw new Error("gone");
      asked.push(`${name} is there`);
    },
  });
  await fetchAhead([one("a"), one("b", true), one("c")], new AbortController().signal, atOnce);
  expect(asked).toEqual(["a begins", "a is there", "b begins"]);
});

test("nothing is fetched for somebody who is gone", async () => {
  const asked: string[] = [];
  const stop = new AbortController();
  const one = { fetch: async () => stop.abort(asked.push("a")) };
  await fetchAhead([one, one], stop.signal, atOnce);
  expect(asked).toEqual(["a"]);
});

test("what was fetched ahead is drawn at once", async () => {
  const Name = later<{ name: string }>(async () => ({ default: ({ name }) => createElement("b", null, name) }));
  const drawn = () =>
    renderToStaticMarkup(createElement(Suspense, { fallback: "…" }, createElement(Name, { name: "x" })));
  expect(drawn()).toContain("…");
  await Name.fetch();
  expect(drawn()).toBe("<b>x</b>");
});
