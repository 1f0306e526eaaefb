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

/** Whom each met, and when it was seen last, as the hub tells it. */
async function whoAndWhen({ page, subject }) {
  const { data } = await subject.read("error-statuses");
  await page.goto(subject.page("errors"));
  const shown = page.locator(".codes tbody tr");
  await eventually("a row each", async () => (await shown.count()) === data.length);
  const widest = data.reduce((best, one) => (one.consumers > best.consumers ? one : best));
  await page
    .locator(".codes")
    .getByRole("button", { name: /^Consumers/ })
    .click();
  assert.equal(new URL(page.url()).searchParams.get("sort"), "consumers");
  const consumers = await shown.first().locator(".col-consumers").innerText();
  assert.equal(consumers.replace("+", ""), widest.consumers.toLocaleString("en"));
  assert.match(await shown.first().locator(".col-last").innerText(), / ago$/);
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

/** Marked in the menu of its row: left out of tables, rates and chart, shown on demand, and counted again. */
async function expected({ page, subject }) {
  const { data } = await subject.read("endpoints");
  const rows = data.flatMap(({ method, path, by_status }) =>
    Object.entries(by_status).flatMap(([status, count]) => (status >= "400" ? [{ method, path, status, count }] : [])),
  );
  const all = rows.reduce((sum, row) => sum + row.count, 0);
  const most = rows.reduce((best, row) => (row.count > best.count ? row : best));
  await page.goto(subject.page("errors"));
  const shown = page.locator(".codes tbody tr");
  await eventually("a row per status and endpoint", async () => (await shown.count()) === rows.length);
  await shown
    .first()
    .getByRole("button", { name: /^What to do/ })
    .click();
  await page.getByRole("button", { name: "Mark as expected" }).click();
  await eventually("the row is left out", async () => (await shown.count()) === rows.length - 1);
  const counts = await page.locator(".codes .count-bar b").allInnerTexts();
  assert.equal(
    counts.reduce((sum, text) => sum + number(text), 0),
    all - most.count,
  );
  const chart = page.getByRole("figure", { name: "Failed requests by status class" });
  await chart.getByRole("button", { name: /^Show as a table/ }).press("Enter");
  await eventually("the chart leaves it out", async () => {
    const cells = await chart.locator("td:not(:first-child)").allInnerTexts();
    return cells.reduce((sum, text) => sum + (number(text) || 0), 0) === all - most.count;
  });
  const row = (await subject.read("endpoints")).data.find(one => one.method === most.method && one.path === most.path);
  assert.equal(row.expected_errors, most.count);
  await page.goto(subject.page("traffic"));
  const card = page.locator(".card", { has: page.getByText("Error rate", { exact: true }) });
  const left = `${most.count.toLocaleString("en")} more are expected and not counted`;
  await eventually("the card leaves it out", async () => (await card.getAttribute("title"))?.includes(left));
  await page.goBack();
  await page.getByLabel(/^Show expected/).check();
  const mark = page.locator(".codes tr[data-uncalled]");
  await mark.getByText("expected", { exact: true }).waitFor();
  await mark.click();
  await page.getByRole("dialog").getByRole("button", { name: "Count as an error again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Mark as expected" }).waitFor();
  await page.keyboard.press("Escape");
  await eventually("it counts again", async () => (await mark.count()) === 0);
  assert.deepEqual((await subject.ask(`/apps/${subject.app.app_id}/expected-errors`)).data, []);
}

export const tests = [
  { name: "errors by status and endpoint with who got them", run: codes },
  { name: "errors say how many consumers they met, and when last", run: whoAndWhen },
  { name: "a panic shows its message and backtrace", run: panic },
  { name: "a hostile error message is only ever text", run: hostile },
  { name: "a range without errors says so", run: none },
  { name: "an error is marked as expected and counted again", run: expected },
];
