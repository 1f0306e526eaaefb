/** The traffic page: cards, chart, zoom, and that an address shows the same view to everybody. */
import assert from "node:assert/strict";
import { eventually, openPage } from "../harness/browser.mjs";

const exact = new Intl.NumberFormat("en");

/** How many pixels of the first chart have the colour of a status class. */
const pixelsOf = (page, name) =>
  page.evaluate(statusClass => {
    const canvas = document.querySelector(".chart canvas");
    if (!canvas) return 0;
    const probe = document.createElement("span");
    probe.style.color = `var(--status-${statusClass})`;
    document.body.append(probe);
    const [r, g, b] = getComputedStyle(probe).color.match(/\d+/g).map(Number);
    probe.remove();
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4)
      count += Number(data[at] === r && data[at + 1] === g && data[at + 2] === b);
    return count;
  }, name);

export const card = (page, label) => page.locator(".card", { has: page.getByText(label, { exact: true }) });
const requestsShown = async page => {
  const shown = await card(page, "Requests").getAttribute("title");
  return shown === null ? null : Number(shown.replaceAll(",", ""));
};
const sum = steps => steps.reduce((total, step) => total + step.requests, 0);

/** Moves the pointer to a moment of the first chart. */
async function pointAt(page, { from, to }, secs) {
  const box = await page.locator(".chart .u-over").first().boundingBox();
  await page.mouse.move(box.x + (box.width * (secs - from)) / (to - from), box.y + box.height / 2);
}

async function drawn({ page, subject }) {
  await page.goto(subject.page("traffic"));
  const { data } = await subject.read("traffic");
  assert.ok(sum(data) > 0, "the subject must have requests");
  await eventually("the chart has bars of successes", async () => (await pixelsOf(page, 2)) > 500);
  await eventually("the card has the exact count", async () => (await requestsShown(page)) === sum(data));
  const classes = new Set(data.flatMap(step => Object.keys(step.by_status).map(status => status[0])));
  assert.equal(await page.locator(".legend li").count(), classes.size);
  if (classes.has("5")) assert.ok((await pixelsOf(page, 5)) > 0, "server errors must be drawn");
}

async function tooltip({ page, subject }) {
  await page.goto(subject.page("traffic"));
  const { data, range } = await subject.read("traffic");
  const busiest = data.reduce((best, step) => (step.requests > best.requests ? step : best));
  await page.locator(".chart .u-over").first().waitFor();
  await pointAt(page, range, busiest.start + range.step_secs / 2);
  const rows = await eventually("the tooltip names every status", async () => {
    const shown = await page.locator(".chart-tooltip-row").allInnerTexts();
    return shown.length === Object.keys(busiest.by_status).length + 1 && shown;
  });
  const shown = Object.fromEntries(rows.map(row => row.split("\n")));
  for (const [status, count] of Object.entries(busiest.by_status)) assert.equal(shown[status], exact.format(count));
  assert.equal(shown.Total, exact.format(busiest.requests));
}

async function holes({ page, subject }) {
  const { data, range } = await subject.read("traffic");
  const starts = new Set(data.map(step => step.start));
  let hole = range.from;
  while (starts.has(hole)) hole += range.step_secs;
  assert.ok(hole < range.to, "the window must hold a step without requests");
  await page.goto(subject.page("traffic"));
  await page.locator(".chart .u-over").first().waitFor();
  await pointAt(page, range, hole + range.step_secs / 2);
  await eventually("the tooltip says that there were no requests", async () =>
    (await page.locator(".chart-tooltip").innerText()).includes("No requests"),
  );
  assert.equal(await page.locator(".chart-tooltip-row").count(), 0);
}

async function cards({ page, subject }) {
  await page.goto(subject.page("traffic"));
  for (const [label, chart, title] of [
    ["Requests/min", "rate", "Requests a minute"],
    ["Error rate", "errors", "Share of requests that failed"],
    ["Latency p95", "latency", "Latency percentiles"],
    ["Data out", "bytes", "Bytes transferred"],
  ]) {
    await card(page, label).click();
    await page.getByRole("heading", { name: title }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get("chart"), chart);
    assert.match(await card(page, label).locator(".card-value").innerText(), /\d/);
    assert.ok((await page.locator(".chart canvas").count()) > 0);
  }
}

async function zoom({ page, subject, browser }) {
  await page.goto(subject.page("traffic"));
  await page.locator(".chart .u-over").first().waitFor();
  const before = new URL(page.url()).searchParams;
  const box = await page.locator(".chart .u-over").first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 60, { steps: 8 });
  await page.mouse.up();
  await eventually(
    "the address has the zoomed window",
    () => new URL(page.url()).searchParams.get("from") !== before.get("from"),
  );
  const zoomed = new URL(page.url()).searchParams;
  const [from, to] = [Number(zoomed.get("from")), Number(zoomed.get("to"))];
  assert.ok(from > subject.from && to <= subject.to && from < to, `${from} to ${to} must lie within`);
  assert.equal(zoomed.get("env"), subject.env);
  const truth = sum((await subject.read("traffic", { from, to })).data);
  const outside = sum((await subject.read("traffic")).data);
  assert.ok(truth < outside, "the zoom must leave requests out");
  await eventually("the zoomed count", async () => (await requestsShown(page)) === truth);

  const other = await openPage(browser, subject);
  await other.page.goto(page.url());
  await eventually("the shared address shows the same count", async () => (await requestsShown(other.page)) === truth);
  const view = async one => [
    await one.locator(".cards").innerText(),
    await one.locator(".col-path").allInnerTexts(),
    await one.locator(".range-picker button").innerText(),
  ];
  await eventually(
    "the shared address shows the same view",
    async () => JSON.stringify(await view(other.page)) === JSON.stringify(await view(page)),
  );
  await other.context.close();

  await page.goBack();
  await eventually("going back shows the whole window", async () => (await requestsShown(page)) === outside);
  await page.goForward();
  await page.getByTestId("reset-zoom").click();
  await eventually("a reset leaves no window in the address", () => !new URL(page.url()).searchParams.has("from"));
}

async function doubleClick({ page, subject }) {
  await page.goto(subject.page("traffic", { range: "7d" }));
  await page.locator(".chart .u-over").first().dblclick();
  await eventually("the zoom is gone and the preset is kept", () => {
    const { searchParams } = new URL(page.url());
    return !searchParams.has("from") && searchParams.get("range") === "7d";
  });
}

async function statusFilter({ page, subject }) {
  await page.goto(subject.page("traffic"));
  await page.getByRole("button", { name: "4xx", exact: true }).click();
  assert.equal(new URL(page.url()).searchParams.get("status"), "4xx");
  const { data } = await subject.read("traffic", { status: "4xx" });
  const all = sum((await subject.read("traffic")).data);
  assert.ok(sum(data) < all);
  await eventually("only client errors are counted", async () => (await requestsShown(page)) === sum(data));
}

async function overview({ page, subject }) {
  const asked = [];
  page.on("request", request => asked.push(new URL(request.url()).pathname.replace(/.*\/api\/v1/, "")));
  await page.goto("/?range=24h");
  const shown = page.locator(".app-card", { has: page.getByRole("heading", { name: subject.app.name, exact: true }) });
  await shown.locator(".sparkline rect").first().waitFor();
  assert.match(await shown.locator(".app-card-figures").innerText(), /Requests\s+\S*\d/);
  const freshness = (await shown.locator(".freshness").innerText()).replaceAll(/\s+/g, " ");
  assert.match(freshness, /last report .+, \d+ instance/i);
  assert.equal(asked.filter(path => path === "/overview").length, 1, "all apps in one answer");
  assert.ok(!asked.some(path => path.endsWith("/summary")), "no app is asked about alone");
  await shown.getByRole("link").first().click();
  await page.getByRole("heading", { name: "Traffic" }).waitFor();
  assert.match(new URL(page.url()).pathname, new RegExp(`/apps/${subject.app.app_id}/traffic$`));
}

/** What waits for somebody leads to where it is told of, in the environment and range of the card. */
async function waiting({ page, subject }) {
  const scope = `env=${subject.env}&from=${subject.from}&to=${subject.to}`;
  const { data } = await subject.ask(`/overview?${scope}`);
  const { figures } = data.find(one => one.app_id === subject.app.app_id);
  assert.ok(figures.problems.validation_errors > 0 && figures.consumers > 0, "the test's data has both");
  await page.goto(`/?${scope}`);
  const shown = page.locator(".app-card", { has: page.getByRole("heading", { name: subject.app.name, exact: true }) });
  await shown.getByText(new RegExp(`^${figures.consumers} consumers?\\b`)).waitFor();
  await shown.getByRole("link", { name: `${figures.problems.validation_errors} invalid field` }).click();
  await page.getByRole("heading", { name: "Validation errors" }).waitFor();
  const { searchParams } = new URL(page.url());
  assert.deepEqual(
    ["env", "from", "to"].map(name => searchParams.get(name)),
    [subject.env, String(subject.from), String(subject.to)],
  );
}

async function range({ page, subject }) {
  await page.goto(`/apps/${subject.app.app_id}/traffic`);
  await page.locator(".range-picker button").click();
  await page.getByRole("button", { name: "Last 7 days" }).click();
  await eventually(
    "the address has the range and the environment",
    () => /range=7d/.test(page.url()) && /env=/.test(page.url()),
  );
  await page.getByRole("link", { name: "Instances" }).click();
  await page.getByRole("heading", { name: "Instances and data completeness" }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("range"), "7d", "the range is kept from page to page");
}

/** An app that began a moment ago is not shown as a sliver of a day. */
async function fitting({ page, subject }) {
  const { first_report_at } = subject.app.environments.find(one => one.env === subject.env);
  const age = Date.now() / 1000 - first_report_at;
  await page.goto(`/apps/${subject.app.app_id}/traffic?env=${subject.env}`);
  await page.locator(".cards").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("range"), age < 3600 ? "1h" : age < 6 * 3600 ? "6h" : "24h");
}

export const tests = [
  { name: "the overview has a card per app that leads to its traffic", run: overview },
  { name: "the overview tells what waits for somebody, and leads there", run: waiting },
  { name: "the first chart draws what the API says", run: drawn },
  { name: "the tooltip has the exact count of every status", run: tooltip },
  { name: "a step without requests is a hole", run: holes },
  { name: "the cards switch the chart", run: cards },
  { name: "dragging zooms and a shared address shows the same view", run: zoom },
  { name: "a double click resets the zoom", run: doubleClick },
  { name: "the status filter narrows chart and cards", run: statusFilter },
  { name: "without a range in the address, one that fits the age of the app is shown", run: fitting },
  { name: "the time range is kept from page to page", run: range },
];
