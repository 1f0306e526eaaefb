/** The page of performance: the score, percentiles, and where the time goes. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

const totalOf = row => row.requests * (row.mean_ms ?? 0);

async function score({ page, subject }) {
  const { data } = await subject.read("endpoints");
  const scored = data.filter(row => row.apdex !== null);
  const requests = scored.reduce((sum, row) => sum + row.requests, 0);
  const truth = scored.reduce((sum, row) => sum + row.apdex * row.requests, 0) / requests;
  await page.goto(subject.page("performance"));
  const shown = await eventually("the score", () => page.locator(".apdex-score b").innerText());
  assert.ok(Math.abs(Number(shown) - truth) <= 0.01, `${shown} is not ${truth}`);
  assert.match(await page.locator(".apdex").innerText(), /T = \d/);
  await eventually("who waited how long", async () => (await page.locator(".waits li").count()) === 3);
  await eventually("lines and a histogram", async () => (await page.locator(".histogram-bar").count()) > 3);
}

async function heat({ page, subject }) {
  const { data, rows } = await subject.read("latency/heatmap");
  const requests = data.reduce((sum, { counts }) => sum + counts.reduce((all, count) => all + count, 0), 0);
  const { histogram } = await subject.read("latency");
  assert.equal(requests, histogram.requests, "every request is in the heatmap");
  await page.goto(subject.page("performance"));
  const canvas = page.locator(".heatmap canvas");
  await canvas.waitFor();
  const used = rows.map((_, row) => data.some(({ counts }) => counts[row] > 0));
  const [first, last] = [used.indexOf(true), used.lastIndexOf(true)];
  const column = data.at(-1);
  const row = column.counts.indexOf(Math.max(...column.counts));
  const box = await canvas.boundingBox();
  const share = (column.start + 30 - subject.from) / (subject.to - subject.from);
  const up = (row - first + 0.5) / (last - first + 1);
  await canvas.hover({ position: { x: box.width * share, y: box.height * (1 - up) } });
  const reading = await page.locator(".heatmap .histogram-reading").innerText();
  assert.ok(reading.endsWith(`: ${column.counts[row].toLocaleString("en")} requests`), reading);
  await canvas.click({ position: { x: box.width * share, y: box.height * (1 - up) } });
  await page.getByRole("searchbox", { name: "Query" }).waitFor();
  assert.ok(new URL(page.url()).searchParams.has("min"), "the explorer is narrowed to the durations");
}

async function slowest({ page, subject }) {
  const { data } = await subject.read("endpoints");
  const called = data.filter(row => row.requests > 0);
  const worst = called.reduce((best, row) => (totalOf(row) > totalOf(best) ? row : best));
  await page.goto(subject.page("performance"));
  const links = page.locator(".slow .endpoint-link");
  await eventually("a row per endpoint", async () => (await links.count()) === called.length);
  assert.equal(await links.first().innerText(), worst.path, "the most total time is first");
  await page.getByRole("button", { name: "p95" }).click();
  const slowestP95 = called.reduce((best, row) => (row.p95_ms > best.p95_ms ? row : best));
  await eventually("sorted by p95", async () => (await links.first().innerText()) === slowestP95.path);
  await links.first().click();
  await page.getByRole("heading", { name: slowestP95.path, exact: true }).waitFor();
}

async function filtered({ page, subject }) {
  const { data } = await subject.read("endpoints");
  const posts = data.filter(row => row.method === "POST" && row.requests > 0);
  await page.goto(subject.page("performance"));
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("combobox", { name: "Method" }).fill("POST");
  await page.getByRole("combobox", { name: "Status" }).fill("nonsense");
  await page.getByText("A status is a code such as 404").waitFor();
  await page.getByRole("combobox", { name: "Status" }).fill("");
  await page.getByRole("button", { name: "Apply" }).click();
  await eventually(
    "only what was asked for",
    async () => (await page.locator(".slow tbody tr").count()) === posts.length,
  );
  await page.getByRole("link", { name: "Errors", exact: true }).click();
  await page.locator(".chip", { hasText: "Method POST" }).waitFor();
  await page.locator(".chip").click();
  await eventually("the chip takes it away", () => !new URL(page.url()).searchParams.has("method"));
}

export const tests = [
  { name: "the heatmap of durations leads to its requests", run: heat },
  { name: "Apdex with its threshold and how many waited how long", run: score },
  { name: "the slowest endpoints by total time and by p95, each with its page", run: slowest },
  { name: "a filter narrows the page and goes along to the next", run: filtered },
];
