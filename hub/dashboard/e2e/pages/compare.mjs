/** What a chart is explained by: the period before, and releases. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";
import { card } from "./traffic.mjs";

const sum = steps => steps.reduce((total, step) => total + step.requests, 0);
const compact = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, notation: "compact" });

async function compared({ page, subject }) {
  // The second half of the hour, which has the first half before it.
  const middle = subject.to - 30 * 60;
  const own = { from: String(middle), to: String(subject.to) };
  await page.goto(subject.page("traffic", own));
  await page.locator(".legend li").first().waitFor();
  assert.equal(await page.getByText("Period before").count(), 0);
  await page.getByLabel("Compare with before").check();
  await page.getByText("Period before").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("compare"), "1");
  const before = await subject.read("traffic", { from: String(middle - 30 * 60), to: String(middle) });
  const note = card(page, "Requests").locator(".card-note");
  const figure = compact.format(sum(before.data)).toLowerCase();
  await eventually(`the card says from ${figure}`, async () => (await note.innerText()).toLowerCase().includes(figure));
  await page.getByRole("link", { name: "Errors", exact: true }).click();
  await page.getByRole("heading", { name: "Errors", exact: true }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("compare"), "1", "the choice goes along");
}

async function nothingBefore({ page, subject }) {
  await page.goto(subject.page("traffic", { compare: "1" }));
  await card(page, "Requests").getByText("Nothing before").waitFor();
}

async function releases({ page, subject }) {
  const now = String(Math.ceil(Date.now() / 60_000) * 60);
  const { data } = await subject.read("instances", { to: now });
  const began = new Map();
  for (const { app_version, started_at } of data)
    began.set(app_version, Math.min(started_at, began.get(app_version) ?? started_at));
  const [, release] = [...began].sort(([, a], [, b]) => a - b);
  assert.ok(release, "the subject must have had a release");
  const [version, at] = release;
  await page.goto(subject.page("traffic"));
  const { range } = await subject.read("traffic");
  const over = page.locator(".chart .u-over").first();
  await over.waitFor();
  await eventually("the tooltip names the release", async () => {
    const box = await over.boundingBox();
    await page.mouse.move(box.x + 1, box.y + box.height / 2);
    await page.mouse.move(
      box.x + (box.width * (at + 0.5 - range.from)) / (range.to - range.from),
      box.y + box.height / 2,
    );
    const rows = await page.locator(".chart-tooltip-row").allInnerTexts();
    return rows.some(row => row.replace("\n", " ") === `Release ${version}`);
  });
}

async function copyLink({ page, context, subject }) {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(subject.page("traffic", { chart: "errors" }));
  await page.getByRole("button", { name: "Copy a link to this view" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), page.url());
}

export const tests = [
  { name: "the period before is laid over charts and cards", run: compared },
  { name: "a period without requests before says so", run: nothingBefore },
  { name: "a release is marked where it began", run: releases },
  { name: "a link to the view can be copied", run: copyLink },
];
