import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { ApiProblem, UNREACHABLE } from "../api/client";
import { reached } from "../api/reach";
import { HubGone, ProblemNote, ToldAbove } from "./notes";

const note = (kind: string) => {
  const problem = new ApiProblem(0, "The hub cannot be reached", null, kind);
  return createElement(ProblemNote, { problem, what: "Traffic", kept: false, retry: () => undefined });
};
const page = (kind: string) =>
  renderToStaticMarkup(
    createElement(
      "main",
      null,
      createElement(HubGone),
      createElement(ToldAbove, { value: true }, note(kind), note(kind)),
    ),
  );
const alerts = (markup: string) => markup.split('role="alert"').length - 1;

afterEach(() => reached(true));

test("a hub that cannot be reached is told once, above everything", () => {
  reached(false);
  expect(alerts(page(UNREACHABLE))).toBe(1);
});

test("what was not asked again since the hub answered tells of itself, as everything else that failed does", () => {
  expect(alerts(page(UNREACHABLE))).toBe(2);
  reached(false);
  expect(alerts(page("store_unavailable"))).toBe(3);
});

test("where nothing is told above, each tells", () => {
  reached(false);
  expect(alerts(renderToStaticMarkup(note(UNREACHABLE)))).toBe(1);
});
