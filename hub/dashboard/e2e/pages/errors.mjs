/** The page of errors: by status and endpoint with who got them, and causes with their backtrace. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

const number = text => Number(text.replaceAll(",", ""));

async function codes({ page, subject }) {
  const { data } = await subject.read("traffic");
  const failed = data.flatMap(step => Object.entries(step.by_status).filter(([status]) => status >= "400"));
  await page.goto(subject.page("errors"));
  await page.locator(".codes tbody tr").first().waitFor();
  const counts = await page.locator(".codes .count-bar b").allInnerTexts();
  const sum = counts.reduce((total, text) => total + number(text), 0);
  assert.equal(
    sum,
    failed.reduce((total, [, count]) => total + count, 0),
    "every failed request is in one row",
  );
  await page.locator(".codes tbody tr").first().click();
  const drawer = page.getByRole("dialog");
  await drawer.locator(".callers li").first().waitFor();
  const callers = await drawer.locator(".callers .count-bar b").allInnerTexts();
  assert.equal(
    callers.reduce((total, text) => total + number(text), 0),
    number(counts[0]),
  );
  await drawer.locator("canvas").waitFor();
  const address = page.url();
  await page.keyboard.press("Escape");
  await eventually("Esc closes it", async () => (await drawer.count()) === 0);
  await page.goto(address);
  await drawer.waitFor();
}

async function panic({ page, subject }) {
  const { data } = await subject.read("server-errors");
  const found = data.find(one => one.backtrace !== null);
  await page.goto(subject.page("errors"));
  assert.equal(await eventually("a row per cause", () => page.locator(".causes tbody tr").count()), data.length);
  await page.locator(".causes tbody tr", { hasText: found.location }).click();
  const drawer = page.getByRole("dialog");
  assert.equal(await drawer.locator("pre").innerText(), found.backtrace);
  assert.equal(await drawer.locator(".drawer-message").innerText(), found.message);
}

async function hostile({ page, subject }) {
  const text = "<img src=x onerror=\"document.title='owned'\">";
  await page.route("**/api/v1/apps/*/server-errors*", async route => {
    const response = await route.fetch();
    const body = await response.json();
    body.data.unshift({ ...body.data[0], type: text, message: text, location: text, backtrace: text, count: 10 ** 9 });
    await route.fulfill({ response, json: body });
  });
  await page.goto(subject.page("errors"));
  await page.locator(".causes tbody tr").first().click();
  assert.equal(await page.getByRole("dialog").locator("pre").innerText(), text);
  assert.equal(await page.locator("main img, dialog img").count(), 0);
  assert.ok(!(await page.title()).includes("owned"));
  await page.unrouteAll({ behavior: "wait" });
}

async function none({ page, subject }) {
  await page.goto(subject.page("errors", { from: String(subject.from - 90_000), to: String(subject.from - 86_400) }));
  await page.getByText("No request failed in this range").waitFor();
}

export const tests = [
  { name: "errors by status and endpoint with who got them", run: codes },
  { name: "a panic shows its message and backtrace", run: panic },
  { name: "a hostile error message is only ever text", run: hostile },
  { name: "a range without errors says so", run: none },
];
