/** The page of resources: CPU, memory and the runtime of all instances, or of some. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

async function charts({ page, subject }) {
  const { data } = await subject.read("resources");
  const ids = [...new Set(data.map(point => point.instance_id))];
  await page.goto(subject.page("resources"));
  await eventually("a chart per measure", async () => (await page.locator(".chart canvas").count()) === 5);
  const chips = page.locator(".instance-chips button[aria-pressed]");
  assert.equal(await chips.count(), Math.min(ids.length, 10), "a chip per instance, of many the first ones");
  if (ids.length > 10) {
    await page.getByRole("button", { name: `+${ids.length - 10} more` }).click();
    assert.equal(await chips.count(), ids.length);
  }
  const highest = Math.max(...data.map(point => point.cpu ?? 0)) * 100;
  const shown = await page.locator('[aria-label="CPU"] .corner dd').last().innerText();
  assert.ok(Math.abs(Number.parseFloat(shown) - highest) < 0.1, `${shown} is not ${highest}`);
}

async function chosen({ page, subject }) {
  const { data } = await subject.read("resources");
  const ids = [...new Set(data.map(point => point.instance_id))];
  await page.goto(subject.page("resources"));
  const chip = page.locator(".instance-chips button").first();
  await chip.click();
  await eventually("the choice is in the address", () => new URL(page.url()).searchParams.has("instances"));
  const id = ids.find(one => one.startsWith(new URL(page.url()).searchParams.get("instances")));
  const highest = Math.max(...data.filter(point => point.instance_id === id).map(point => point.cpu ?? 0)) * 100;
  const shown = await page.locator('[aria-label="CPU"] .corner dd').last().innerText();
  assert.ok(Math.abs(Number.parseFloat(shown) - highest) < 0.1, `${shown} is not ${highest}`);
  await chip.click();
  await eventually("none means all", () => !new URL(page.url()).searchParams.has("instances"));
}

async function overlay({ page, subject }) {
  await page.goto(subject.page("resources"));
  const asked = page.waitForResponse(response => /\/traffic\?/.test(response.url()));
  await page.getByLabel("Overlay traffic").check();
  assert.ok((await asked).ok());
  await page.locator(".legend", { hasText: "Requests/min" }).first().waitFor();
  await page.reload();
  assert.ok(await page.getByLabel("Overlay traffic").isChecked(), "the choice is in the address");
}

async function nothing({ page, subject }) {
  await page.goto(
    subject.page("resources", { from: String(subject.from - 90_000), to: String(subject.from - 86_400) }),
  );
  await page.getByText("No samples in this range").waitFor();
}

export const tests = [
  { name: "CPU, memory and runtime over all instances", run: charts },
  { name: "one instance can be looked at alone", run: chosen },
  { name: "traffic is laid over the resources", run: overlay },
  { name: "a range without samples says so", run: nothing },
];
