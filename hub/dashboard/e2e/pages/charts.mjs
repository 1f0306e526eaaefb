/** What all charts share: the same numbers as a table and as a file, one cursor, and the drag that zooms. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { eventually } from "../harness/browser.mjs";

const number = text => Number(text.replaceAll(",", "") || 0);

async function asTable({ page, subject }) {
  const { data } = await subject.read("traffic");
  const truth = data.reduce((sum, step) => sum + step.requests, 0);
  await page.goto(subject.page("traffic"));
  const chart = page.getByRole("figure", { name: "Requests by status class" });
  await chart.locator("canvas").waitFor();
  await chart.getByRole("button", { name: "Show as a table: Requests by status class" }).focus();
  await page.keyboard.press("Enter");
  const cells = chart.locator("td:not(:first-child)");
  await cells.first().waitFor();
  const sum = (await cells.allInnerTexts()).reduce((total, text) => total + number(text), 0);
  assert.equal(sum, truth, "the table holds every request");
  assert.equal(await chart.locator("tbody tr").count(), data.length, "holes are left out");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    chart.getByRole("button", { name: "Save as CSV" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "requests-by-status-class.csv");
  const [head, ...lines] = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
  assert.match(head, /^Time,/);
  assert.equal(
    lines.flatMap(line => line.split(",").slice(1)).reduce((total, text) => total + number(text), 0),
    truth,
  );
  await chart.getByRole("button", { name: /^Show as a chart/ }).click();
  await chart.locator("canvas").waitFor();
}

/** Every chart of a page can be read without seeing it. */
async function everywhere({ page, subject }) {
  for (const name of ["performance", "resources", "errors"]) {
    await page.goto(subject.page(name));
    await page.locator(".chart canvas").first().waitFor();
    await page.waitForLoadState("networkidle");
    const charts = page.locator("main figure.chart");
    const buttons = page.getByRole("button", { name: /^Show as a table/ });
    const count = await buttons.count();
    assert.equal(count, await charts.count(), `each chart of ${name} has its table`);
    // A button that was pressed is called otherwise: the first one is always the next.
    for (let pressed = 0; pressed < count; pressed += 1) await buttons.first().press("Enter");
    await eventually(
      `every table of ${name} has rows`,
      async () => (await page.locator(".chart-numbers:has(tbody tr)").count()) === count,
    );
  }
}

async function oneCursor({ page, subject }) {
  await page.goto(subject.page("performance"));
  const heat = page.locator(".heatmap canvas");
  await heat.waitFor();
  await page.locator(".performance-lines canvas").waitFor();
  await page.waitForLoadState("networkidle");
  await page.locator(".performance-lines .u-over").hover();
  await page.locator(".heatmap-moment").waitFor();
  const tooltips = page.locator(".chart-tooltip");
  assert.equal(await tooltips.count(), 2, "the score and the percentiles show the same moment");
  const box = await heat.boundingBox();
  await heat.hover({ position: { x: box.width * 0.6, y: box.height / 2 } });
  await eventually("the heatmap points in the others too", async () => (await tooltips.count()) === 2);
  const [first, second] = await page.locator(".chart-tooltip-title").allInnerTexts();
  assert.equal(first, second);
}

async function heatDrag({ page, subject }) {
  await page.goto(subject.page("performance"));
  const heat = page.locator(".heatmap canvas");
  await heat.waitFor();
  const box = await heat.boundingBox();
  const at = share => [box.x + box.width * share, box.y + box.height / 2];
  await page.mouse.move(...at(0.25));
  await page.mouse.down();
  await page.mouse.move(...at(0.5), { steps: 4 });
  await page.mouse.up();
  const span = subject.to - subject.from;
  await eventually("the range is what was dragged over", () => {
    const { searchParams } = new URL(page.url());
    const from = Number(searchParams.get("from"));
    return Math.abs(from - (subject.from + span / 4)) <= 90 && Number(searchParams.get("to")) < subject.to;
  });
}

export const tests = [
  { name: "a chart is also a table and a file", run: asTable },
  { name: "every chart has its table", run: everywhere },
  { name: "charts of a page point at one moment, the heatmap too", run: oneCursor },
  { name: "dragging over the heatmap zooms", run: heatDrag },
];
