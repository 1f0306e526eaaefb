/** The page of validation errors: the question that it must answer, its filters, and that nothing in it is ever markup. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

const rows = page => page.locator(".validation tbody tr");
const number = text => Number(text.replaceAll(",", ""));
const open = async ({ page, subject }, own) => {
  await page.goto(subject.page("validation", own));
  await rows(page).first().waitFor();
  return (await subject.read("validation-errors")).data;
};
const nameOf = ({ location, field }) => [location, field].filter(part => part !== "").join(".");

/** Which field of which endpoint fails most, and for which consumer. */
async function worstField({ page, subject }) {
  const [worst] = (await subject.read("validation-errors")).data;
  await page.goto(subject.page("traffic"));
  await page.getByRole("link", { name: "Validation errors" }).click();
  await rows(page).first().waitFor();
  const first = await rows(page).first().innerText();
  for (const part of [nameOf(worst), worst.path, worst.message])
    assert.ok(first.includes(part), `${part} must be in the first row: ${first}`);
  await rows(page).first().click();
  const drawer = page.getByRole("dialog");
  await drawer.locator(".callers li").first().waitFor();
  const shown = await drawer.locator(".callers .count-bar b").allInnerTexts();
  assert.equal(
    shown.reduce((sum, text) => sum + number(text), 0),
    worst.count,
    "the callers and the rest are all there is",
  );
  const { method, path } = worst;
  const counts = [];
  for (const { identifier, name } of (await subject.read("consumers", { method, path })).data) {
    const { data } = await subject.read("validation-errors", { method, path, consumer: identifier });
    const same = data.find(one => nameOf(one) === nameOf(worst) && one.message === worst.message);
    if (same) counts.push({ name: name ?? identifier, count: same.count });
  }
  const most = counts.reduce((best, one) => (one.count > best.count ? one : best));
  assert.ok((await drawer.locator(".callers li").first().innerText()).includes(most.name), `${most.name} comes first`);
}

async function drawerAddress({ page, subject }) {
  await open({ page, subject });
  await rows(page).first().click();
  await page.getByRole("dialog").waitFor();
  const address = page.url();
  const title = await page.getByRole("dialog").locator("h2").innerText();
  await page.keyboard.press("Escape");
  await eventually("Esc closes it", async () => (await page.getByRole("dialog").count()) === 0);
  assert.ok(!new URL(page.url()).searchParams.has("open"));
  await page.goto(address);
  assert.equal(await page.getByRole("dialog").locator("h2").innerText(), title, "the address opens the same");
  await page.getByRole("button", { name: "Close" }).click();
  await eventually("the button closes it", async () => (await page.getByRole("dialog").count()) === 0);
}

async function filters({ page, subject }) {
  const truth = await open({ page, subject });
  const { method, path } = truth.at(-1);
  const fitting = truth.filter(one => one.method === method && one.path === path);
  assert.ok(fitting.length < truth.length, "the subject must have several endpoints with errors");
  await page.getByLabel("Endpoint", { exact: true }).selectOption(`${method} ${path}`);
  await eventually("one endpoint's", async () => (await rows(page).count()) === fitting.length);
  assert.equal(new URL(page.url()).searchParams.get("path"), path);
  await page.goBack();
  await eventually("all again", async () => (await rows(page).count()) === truth.length);

  const { identifier, name } = (await subject.read("consumers")).data[0];
  await page.getByLabel("Consumer", { exact: true }).selectOption({ label: name ?? identifier });
  const theirs = (await subject.read("validation-errors", { consumer: identifier })).data;
  await eventually("one consumer's", async () => (await rows(page).count()) === theirs.length);
  assert.equal(new URL(page.url()).searchParams.get("consumer"), identifier);
  await page.locator(".chip").click();
  await eventually("the chip takes it away", async () => (await rows(page).count()) === truth.length);

  await page.keyboard.press("/");
  await page.keyboard.type(truth[0].field);
  const found = truth.filter(one => JSON.stringify(Object.values(one)).includes(truth[0].field)).length;
  await eventually("the search", async () => (await rows(page).count()) === found);
  await page.getByRole("button", { name: /^Last seen/ }).click();
  assert.equal(new URL(page.url()).searchParams.get("sort"), "last");
}

/** By status, and by a pattern of paths: with one click, and in the form that all pages have. */
async function byStatus({ page, subject }) {
  const truth = await open({ page, subject });
  const statuses = page.getByRole("group", { name: "Only requests with status" });
  const { status } = truth[0];
  const fitting = truth.filter(one => one.status === status);
  await statuses.getByRole("button", { name: String(status) }).click();
  await eventually("one status's", async () => (await rows(page).count()) === fitting.length);
  assert.equal(new URL(page.url()).searchParams.get("status"), String(status));
  await rows(page).first().click();
  await page.getByRole("dialog").getByText(String(status), { exact: true }).first().waitFor();
  await page.keyboard.press("Escape");
  const other = status === 422 ? 400 : 422;
  const others = truth.filter(one => one.status === other).length;
  await statuses.getByRole("button", { name: String(other) }).click();
  await eventually("the other status's", async () => (await rows(page).count()) === others);
  if (others === 0) await page.getByText("No validation error fits the filters").waitFor();
  await statuses.getByRole("button", { name: "All" }).click();

  await page.getByRole("button", { name: "Filter", exact: true }).click();
  const start = truth[0].path.slice(0, -2);
  await page.getByRole("dialog").getByLabel("Path").fill(`${start}*`);
  await page.getByRole("button", { name: "Apply" }).click();
  const starting = truth.filter(one => one.path.startsWith(start)).length;
  await eventually("all that begin so", async () => (await rows(page).count()) === starting);
}

async function thereAndBack({ page, subject }) {
  const [worst] = await open({ page, subject });
  await rows(page).first().click();
  await page.getByRole("dialog").locator(".endpoint-name").click();
  await page.getByRole("heading", { name: worst.path, exact: true }).waitFor();
  await page.getByRole("tab", { name: "Validation errors" }).click();
  const section = page.locator(".endpoint-validation");
  await section.locator("tbody tr").first().waitFor();
  assert.ok((await section.locator("tbody tr").first().innerText()).includes(nameOf(worst)));
  await section.getByRole("link", { name: "All validation errors" }).click();
  await page.getByRole("heading", { name: "Validation errors", exact: true }).waitFor();
  const { searchParams } = new URL(page.url());
  assert.deepEqual([searchParams.get("method"), searchParams.get("path")], [worst.method, worst.path]);
}

const HOSTILE = "<img src=x onerror=\"document.title='owned'\">";

async function hostile({ page, subject }) {
  await page.route("**/api/v1/apps/*/validation-errors*", async route => {
    const response = await route.fetch();
    const body = await response.json();
    body.data.unshift({ ...body.data[0], field: HOSTILE, message: HOSTILE, code: HOSTILE, count: 10 ** 9 });
    await route.fulfill({ response, json: body });
  });
  await page.goto(subject.page("validation"));
  await rows(page).first().click();
  await page.getByRole("dialog").locator(".drawer-message").waitFor();
  assert.equal(await page.locator(".drawer-message").innerText(), HOSTILE);
  assert.equal(await page.locator("main img, dialog img").count(), 0);
  assert.ok(!(await page.title()).includes("owned"));
  await page.unrouteAll({ behavior: "wait" });
}

async function none({ page, subject }) {
  await page.goto(
    subject.page("validation", { from: String(subject.from - 90_000), to: String(subject.from - 86_400) }),
  );
  await page.getByText("No request failed validation in this range").waitFor();
}

export const tests = [
  { name: "the field that fails most is found with its consumers in three clicks", run: worstField },
  { name: "a validation error has an address of its own, Esc closes it", run: drawerAddress },
  { name: "validation errors are filtered by endpoint, consumer and words", run: filters },
  { name: "validation errors are filtered by status, and by a pattern of paths", run: byStatus },
  { name: "from a validation error to its endpoint and back", run: thereAndBack },
  { name: "a hostile field or message is only ever text", run: hostile },
  { name: "a range without validation errors says so", run: none },
];
