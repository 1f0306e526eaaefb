/** WCAG 2.2 AA as far as a program can tell (axe), on every page in both themes. */
import assert from "node:assert/strict";
import axe from "axe-core";
import { placesOf, visit } from "../harness/places.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What is wrong on the page, one line for each element. */
async function violations(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(
    runOnly =>
      window.axe.run(document, { runOnly, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] }),
    RULES,
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}\n    ${failureSummary}`),
  );
}

async function everyPage({ page, subject }) {
  const places = await placesOf(subject);
  const found = [];
  for (const place of places) {
    await visit(page, place);
    found.push(...(await violations(page)).map(one => `${place.name}: ${one}`));
  }
  assert.deepEqual(found, [], `${found.length} violations on ${places.length} pages:\n${found.join("\n")}`);
}

const limitSecs = 600;

export const tests = [
  { name: "axe finds nothing on any page in light", run: everyPage, options: { limitSecs } },
  { name: "axe finds nothing on any page in dark", run: everyPage, options: { colorScheme: "dark", limitSecs } },
];
