/** The explorer of request logs: query, timeline, facets, list, live tail, and one request whole. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

const number = text => Number(text.replaceAll(/[^\d]/g, ""));
const rows = page => page.locator(".log-rows .log-row");
const search = page => page.getByRole("searchbox", { name: "Query" });
const param = (page, name) => new URL(page.url()).searchParams.get(name);
const total = page => page.locator(".log-total b");

async function ask(page, text) {
  await search(page).fill(text);
  await search(page).press("Enter");
}

/** The statuses of the rows that are drawn. */
const statuses = async page => (await rows(page).locator(".status-mark").allInnerTexts()).map(number);

async function list({ page, subject }) {
  const { data } = await subject.read("request-logs", { limit: "5" });
  const { requests } = await subject.read("request-logs/facets");
  await page.goto(subject.page("logs"));
  await eventually("all are counted", async () => number(await total(page).innerText()) === requests);
  await rows(page).first().waitFor();
  assert.deepEqual(
    (await rows(page).locator(".log-url").allInnerTexts()).slice(0, 5),
    data.map(one => one.url),
  );
  assert.ok((await rows(page).count()) < 80, "only the rows in the window are drawn");
  const box = await page.locator(".log-timeline .u-over").boundingBox();
  assert.ok(box.width > 300);
}

async function scrolling({ page, subject }) {
  await page.goto(subject.page("logs"));
  await rows(page).first().waitFor();
  const loaded = async () => number(await page.locator(".log-tools h2 .num").innerText());
  const before = await loaded();
  await page.locator(".log-scroll").evaluate(element => element.scrollTo(0, element.scrollHeight));
  await eventually("older ones are loaded", async () => (await loaded()) > before);
  assert.ok((await rows(page).count()) < 80);
}

async function query({ page, subject }) {
  await page.goto(subject.page("logs"));
  await rows(page).first().waitFor();
  const { requests } = await subject.read("request-logs/facets", { status: "4xx,5xx" });
  await page.keyboard.press("/");
  await page.keyboard.type("status:>=400");
  await page.keyboard.press("Enter");
  await eventually("only failures are counted", async () => number(await total(page).innerText()) === requests);
  await eventually("only failures are listed", async () => (await statuses(page)).every(status => status >= 400));
  assert.equal(param(page, "status"), "4xx,5xx");
  const address = page.url();
  await page.goto(address);
  assert.equal(await search(page).inputValue(), "status:>=400", "the address is the query");
  await rows(page).first().waitFor();
}

async function badQuery({ page, subject }) {
  await page.goto(subject.page("logs"));
  await rows(page).first().waitFor();
  const address = page.url();
  for (const [typed, says] of [
    ["status:abc", /is no status: write 404/],
    ["user:7", /There is no filter user/],
    ["duration:fast", /is no duration/],
    ['"open', /is not closed/],
  ]) {
    await ask(page, typed);
    assert.match(await page.locator("#query-problem").innerText(), says);
    assert.equal(await search(page).inputValue(), typed, "what was typed stays");
  }
  assert.equal(page.url(), address, "nothing else was asked");
  await search(page).press("Escape");
  assert.equal(await page.locator("#query-problem").count(), 0);
}

async function facets({ page, subject }) {
  const { consumers } = await subject.read("request-logs/facets");
  const [{ consumer, count }] = consumers.filter(one => one.consumer.identifier !== null);
  await page.goto(subject.page("logs"));
  const value = page.locator('[aria-label="Consumer"] button').first();
  await value.click();
  await eventually("only this consumer", async () => number(await total(page).innerText()) === count);
  assert.equal(param(page, "consumer"), consumer.identifier);
  await page.getByRole("link", { name: "Performance" }).click();
  await page.locator(".chip", { hasText: consumer.identifier }).waitFor();
  await page.goBack();
  await value.click();
  await eventually("a second click takes it away", () => param(page, "consumer") === null);
}

async function drawer({ page, subject }) {
  const { data } = await subject.read("request-logs", { limit: "3" });
  await page.goto(subject.page("logs"));
  await rows(page).first().locator(".log-url").click();
  const dialog = page.getByRole("dialog");
  await dialog.locator(".facts").waitFor();
  assert.equal(param(page, "log"), data[0].id);
  assert.match(await dialog.locator("pre").innerText(), /^curl /);
  await page.keyboard.press("j");
  await eventually("j goes to the next", () => param(page, "log") === data[1].id);
  await page.keyboard.press("k");
  await eventually("k goes back", () => param(page, "log") === data[0].id);
  for (const [tab, shows] of [
    ["Request", ".headers, .muted"],
    ["Response", ".headers, .muted"],
    ["Logs", ".app-logs, .muted"],
    ["Trace", ".waterfall, .muted"],
  ]) {
    await dialog.getByRole("tab", { name: tab }).click();
    await dialog.locator(".tab-part").locator(shows).first().waitFor();
    assert.equal(param(page, "tab"), tab.toLowerCase());
  }
  await page.goto(page.url());
  await dialog.getByRole("tab", { name: "Trace", selected: true }).waitFor();
  await page.keyboard.press("Escape");
  await eventually("Esc closes it", async () => (await dialog.count()) === 0);
  await page.goto(subject.page("logs", { log: "00000000-0000-4000-8000-000000000000" }));
  await dialog.waitFor();
}

async function keys({ page, subject }) {
  const { data } = await subject.read("request-logs", { limit: "3" });
  await page.goto(subject.page("logs"));
  await rows(page).first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await eventually(
    "the second stands out",
    async () => (await page.locator(".log-row[data-active]").getAttribute("aria-rowindex")) === "3",
  );
  await page.keyboard.press("Enter");
  await eventually("Enter opens it", () => param(page, "log") === data[1].id);
}

const HOSTILE = "<img src=x onerror=\"document.title='owned'\">";

async function hostile({ page, subject }) {
  const { data } = await subject.read("request-logs", { limit: "1" });
  await page.route(`**/request-logs/${data[0].id}`, async route => {
    const response = await route.fetch();
    const body = await response.json();
    const half = {
      headers: [{ name: HOSTILE, value: HOSTILE }],
      body: { bytes: 9, text: JSON.stringify({ [HOSTILE]: HOSTILE }), missing: null },
    };
    const event = {
      offset_ms: 1,
      level: "error",
      target: HOSTILE,
      message: HOSTILE,
      span: 1,
      fields: [{ name: HOSTILE, value: HOSTILE }],
    };
    const span = {
      id: 1,
      parent: null,
      name: HOSTILE,
      target: HOSTILE,
      offset_ms: 0,
      duration_ms: 1,
      busy_ms: 1,
      failed: true,
      fields: [],
    };
    const json = { ...body, url: HOSTILE, request: half, response: half, logs: [event], spans: [span] };
    await route.fulfill({ response, json });
  });
  await page.goto(subject.page("logs", { log: data[0].id, tab: "request" }));
  const dialog = page.getByRole("dialog");
  await dialog.locator(".json").waitFor();
  for (const tab of ["Request", "Response", "Logs", "Trace", "Overview"]) {
    await dialog.getByRole("tab", { name: tab }).click();
    assert.ok((await dialog.innerText()).includes("<img src=x"), `${tab} shows it as text`);
    assert.equal(await page.locator("main img, dialog img").count(), 0);
  }
  assert.ok(!(await page.title()).includes("owned"));
  await page.unrouteAll({ behavior: "wait" });
}

async function whyMissing({ page, subject }) {
  const { data } = await subject.read("request-logs", { limit: "1" });
  await page.route(`**/request-logs/${data[0].id}`, async route => {
    const response = await route.fetch();
    const body = await response.json();
    body.request.body = { bytes: 70_000, text: null, missing: "too_large" };
    body.response.body = { bytes: 20, text: '{"card":"******"}', missing: null };
    await route.fulfill({ response, json: body });
  });
  await page.goto(subject.page("logs", { log: data[0].id, tab: "request" }));
  const dialog = page.getByRole("dialog");
  await dialog.getByText("larger than the limit of 50,000 bytes").waitFor();
  await dialog.getByRole("tab", { name: "Response" }).click();
  await dialog.getByText("1 masked").waitFor();
  await page.unrouteAll({ behavior: "wait" });
}

/** Columns are chosen, are in the address, and go along with a link. */
async function columns({ page, subject }) {
  const { data } = await subject.read("request-logs", { limit: "1" });
  await page.goto(subject.page("logs"));
  await rows(page).first().waitFor();
  const heads = () => page.locator(".log-head [role=columnheader]").allInnerTexts();
  assert.deepEqual(await heads(), ["Time", "Request", "Status", "Duration", "Consumer", "Size"]);
  await page.locator(".log-tools .column-picker button").first().click();
  await page.getByRole("checkbox", { name: "Consumer" }).uncheck();
  await page.getByRole("checkbox", { name: "Route" }).check();
  assert.equal(await page.getByRole("checkbox", { name: "Request" }).count(), 0, "the request itself is always there");
  await page.keyboard.press("Escape");
  assert.equal(param(page, "cols"), "time,request,route,status,duration,size");
  await page.reload();
  await rows(page).first().locator(".log-route").getByText(data[0].path, { exact: true }).waitFor();
  assert.deepEqual(await heads(), ["Time", "Request", "Route", "Status", "Duration", "Size"]);
}

async function live({ page, subject }) {
  await page.goto(subject.page("logs"));
  await rows(page).first().waitFor();
  await page.getByRole("button", { name: "Live" }).click();
  await eventually("it leaves the fixed range", () => param(page, "from") === null && param(page, "live") === "1");
  let asked = 0;
  page.on("request", request => {
    asked += Number(/\/request-logs\?.*limit=1000/.test(request.url()));
  });
  await eventually("newer ones are asked for again and again", () => asked >= 2);
  await page.getByRole("button", { name: "Live" }).click();
  await eventually("off", () => param(page, "live") === null);
}

async function none({ page, subject }) {
  await page.goto(
    subject.page("logs", { from: String(subject.from - 40 * 86_400), to: String(subject.from - 39 * 86_400) }),
  );
  await page.getByText("No requests are logged in this range").waitFor();
  await ask(page, "nothing-has-this");
  await page.getByText("No logged request fits", { exact: true }).waitFor();
}

/** As many as somebody would ever scroll through: what is drawn does not grow with them. */
async function hundredThousand({ page, subject }) {
  const many = 100_000;
  // Made within the page: as an answer of the hub they would have to go through the test's own connection.
  await page.addInitScript(count => {
    const ask = window.fetch;
    window.fetch = async (...asked) => {
      const answer = await ask(...asked);
      if (!/\/request-logs\?/.test(answer.url)) return answer;
      const body = await answer.json();
      const [first] = body.data;
      const one = place => ({
        ...first,
        id: `${place}`,
        url: `/number/${place}`,
        time_us: first.time_us - place * 1000,
      });
      return Response.json({ ...body, data: Array.from({ length: count }, (_, place) => one(place)), next: null });
    };
  }, many);
  await page.goto(subject.page("logs"));
  await rows(page).first().waitFor({ timeout: 60_000 });
  const scroll = page.locator(".log-scroll");
  for (const share of [0.5, 1, 0.25]) {
    await scroll.evaluate((element, part) => element.scrollTo(0, element.scrollHeight * part), share);
    const wanted = share === 1 ? `/number/${many - 1}` : `/number/${many * share + 1}`;
    await page.locator(".log-url", { hasText: new RegExp(`^${wanted}$`) }).waitFor();
    assert.ok((await rows(page).count()) < 80, "only the rows in the window are drawn");
  }
}

export const tests = [
  { name: "request logs: list, timeline and total", run: list },
  { name: "request logs: older ones are loaded while scrolling, few rows are drawn", run: scrolling },
  { name: "request logs: a query is typed, asked, and is the address", run: query },
  { name: "request logs: a query that cannot be understood says what to write", run: badQuery },
  { name: "request logs: a facet narrows, and goes along to other pages", run: facets },
  {
    name: "request logs: one request whole, with tabs, j and k, and an address",
    run: drawer,
    options: { expectedErrors: /404/ },
  },
  { name: "request logs: the list is walked with the keyboard", run: keys },
  { name: "request logs: hostile content is only ever text", run: hostile },
  { name: "request logs: a missing body says why, a masked value says so", run: whyMissing },
  {
    name: "request logs: a hundred thousand rows are scrolled through",
    run: hundredThousand,
    options: { limitSecs: 120 },
  },
  { name: "request logs: columns are chosen and are in the address", run: columns },
  { name: "request logs: live tail", run: live },
  { name: "request logs: nothing found says what to do", run: none },
];
