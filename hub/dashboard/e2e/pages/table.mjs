/** The endpoint table: search, sort, greyed rows, keys, CSV. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { eventually } from "../harness/browser.mjs";

const rows = page => page.locator(".endpoints tbody tr");
const paths = page => page.locator(".endpoint-link").allInnerTexts();

async function open({ page, subject }, own) {
  await page.goto(subject.page("traffic", own));
  await rows(page).first().waitFor();
  return (await subject.read("endpoints")).data;
}

async function allRows(test) {
  const truth = await open(test);
  const busiest = truth.reduce((best, one) => (one.requests > best.requests ? one : best));
  await eventually(
    "every endpoint has its row",
    async () => (await rows(test.page).count()) === Math.min(200, truth.length),
  );
  const first = await rows(test.page).first().innerText();
  assert.ok(first.includes(busiest.path), `the busiest endpoint ${busiest.path} must come first: ${first}`);
  assert.equal(
    (await rows(test.page).first().locator(".col-requests").getAttribute("title")).replaceAll(",", ""),
    String(busiest.requests),
  );
}

async function search(test) {
  const truth = await open(test);
  const word = truth.find(one => one.path.length > 4).path.slice(1, 8);
  const expected = truth.filter(one => `${one.method} ${one.path}`.toLowerCase().includes(word.toLowerCase())).length;
  await test.page.keyboard.press("/");
  await test.page.keyboard.type(word);
  await eventually("only what fits is left", async () => (await rows(test.page).count()) === expected);
  assert.ok(expected < truth.length, `the word ${word} must leave some out`);
  assert.equal(new URL(test.page.url()).searchParams.get("q"), word);
  await test.page.keyboard.press("Escape");
  await eventually("Esc clears the search", async () => (await rows(test.page).count()) === truth.length);
  await test.page.keyboard.type("no such endpoint");
  await test.page.getByText("No endpoint fits").waitFor();
}

async function sort(test) {
  const truth = await open(test);
  const called = truth.filter(one => one.p95_ms !== null);
  const slowest = called.reduce((best, one) => (one.p95_ms > best.p95_ms ? one : best));
  const fastest = called.reduce((best, one) => (one.p95_ms < best.p95_ms ? one : best));
  const header = test.page.getByRole("button", { name: /^p95/ });
  await header.click();
  await eventually("the slowest comes first", async () => (await paths(test.page))[0] === slowest.path);
  assert.equal(new URL(test.page.url()).searchParams.get("sort"), "p95");
  await header.click();
  await eventually("the fastest comes first", async () => (await paths(test.page))[0] === fastest.path);
  assert.equal(new URL(test.page.url()).searchParams.get("dir"), "asc");
  assert.equal(await test.page.locator("th[aria-sort=ascending]").count(), 1);
  await test.page.getByRole("button", { name: /^Endpoint/ }).click();
  const inOrder = truth.map(one => `${one.path} ${one.method}`).sort((a, b) => a.localeCompare(b, "en"));
  await eventually(
    "by name",
    async () =>
      JSON.stringify(await paths(test.page)) ===
      JSON.stringify(inOrder.map(name => name.slice(0, name.lastIndexOf(" ")))),
  );
}

async function greyed(test) {
  const truth = await open(test);
  const never = truth.filter(one => one.first_seen_at === null).length;
  const uncalled = truth.filter(one => one.requests === 0).length;
  assert.ok(never > 0, "the subject must have a route that was never called");
  await eventually(
    "they are marked",
    async () => (await test.page.getByText("never called", { exact: true }).count()) === never,
  );
  const color = selector =>
    test.page
      .locator(selector)
      .first()
      .evaluate(row => getComputedStyle(row).color);
  assert.notEqual(await color("tr[data-uncalled]"), await color("tr:not([data-uncalled]) td"));
  await test.page.getByLabel("Hide never called").check();
  await eventually("they are hidden", async () => (await rows(test.page).count()) === truth.length - uncalled);
  assert.equal(new URL(test.page.url()).searchParams.get("hide"), "uncalled");
}

async function keys(test) {
  await open(test);
  const shown = await paths(test.page);
  await test.page.keyboard.press("j");
  await test.page.keyboard.press("j");
  await test.page.keyboard.press("j");
  await test.page.keyboard.press("k");
  const focused = () => test.page.evaluate(() => document.activeElement?.textContent);
  assert.equal(await focused(), shown[1]);
  await test.page.keyboard.press("Enter");
  await eventually("Enter opens the endpoint", () => new URL(test.page.url()).searchParams.get("path") === shown[1]);
  assert.ok(new URL(test.page.url()).pathname.endsWith("/endpoint"));
}

async function csv(test) {
  const truth = await open(test, { hide: "uncalled" });
  const [download] = await Promise.all([
    test.page.waitForEvent("download"),
    test.page.getByRole("button", { name: "CSV" }).click(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
  assert.equal(lines.length - 1, truth.filter(one => one.requests > 0).length);
  const total = lines.slice(1).reduce((sum, line) => sum + Number(line.split(",")[2]), 0);
  assert.equal(
    total,
    truth.reduce((sum, one) => sum + one.requests, 0),
  );
}

/** Names of routes come from the monitored app: whatever they hold, they are text. */
async function hostile({ page, subject }) {
  const path = "/<img src=x onerror=\"document.title='owned'\">/{id}";
  await page.route("**/api/v1/apps/*/endpoints*", async route => {
    const response = await route.fetch();
    const body = await response.json();
    body.data.push({ ...body.data[0], path, requests: 10 ** 12 });
    await route.fulfill({ response, json: body });
  });
  await page.goto(subject.page("traffic"));
  await eventually("the path is shown as it is", async () => (await paths(page))[0] === path);
  assert.equal(await page.locator(".endpoints img").count(), 0);
  assert.ok(!(await page.title()).includes("owned"));
}

async function columns(test) {
  await open(test);
  const head = key => test.page.locator(`.endpoints th.col-${key}`);
  assert.equal(await head("max").count(), 0, "the slowest request is shown on demand");
  await test.page.locator(".endpoints .column-picker > button").click();
  const picker = test.page.getByRole("dialog", { name: "Columns" });
  await picker.getByLabel("Max").check();
  await picker.getByLabel("Apdex").uncheck();
  await head("max").waitFor();
  assert.equal(await head("apdex").count(), 0);
  const address = test.page.url();
  await test.page.goto("/");
  await test.page.goto(address);
  await head("max").waitFor();
  assert.equal(await head("apdex").count(), 0, "the address shows the same columns");
}

async function threshold(test) {
  const [first] = (await open(test)).toSorted((a, b) => b.requests - a.requests);
  const path = `/apps/${test.subject.app.app_id}/apdex`;
  const menu = rows(test.page)
    .first()
    .getByRole("button", { name: /^What to do/ });
  const save = async (value, now) => {
    await menu.click();
    await test.page.getByRole("button", { name: "Apdex threshold…" }).click();
    const field = test.page.getByLabel("Threshold, in ms");
    await eventually("it shows what holds now", async () => (await field.inputValue()) === now);
    await field.fill(value);
    await test.page.getByRole("button", { name: "Save", exact: true }).click();
    await eventually("the form is closed", async () => (await test.page.getByRole("dialog").count()) === 0);
  };
  await save("7", "");
  const { endpoints } = await test.subject.ask(path);
  assert.deepEqual(
    endpoints.filter(one => one.path === first.path && one.method === first.method).map(one => one.threshold_ms),
    [7],
  );
  const judged = (await test.subject.read("endpoints")).data.find(
    one => one.path === first.path && one.method === first.method,
  );
  assert.equal(judged.apdex_threshold_ms, 7);
  await eventually(
    "the score follows",
    async () => (await rows(test.page).first().locator(".col-apdex").innerText()) === judged.apdex.toFixed(2),
  );
  await save("", "7");
  assert.deepEqual((await test.subject.ask(path)).endpoints, [], "empty means as the app");
}

export const tests = [
  { name: "the endpoint table holds every endpoint, the busiest first", run: allRows },
  { name: "the search narrows the table and is in the address", run: search },
  { name: "columns sort both ways and the order is in the address", run: sort },
  { name: "routes that were never called are greyed and can be hidden", run: greyed },
  { name: "j, k and Enter walk and open rows", run: keys },
  { name: "the CSV holds what is on screen", run: csv },
  { name: "a hostile route name is only ever text", run: hostile },
  { name: "columns are chosen, and are in the address", run: columns },
  { name: "the menu of an endpoint sets its Apdex threshold", run: threshold },
];
