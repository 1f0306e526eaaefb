/**
 * How quick the dashboard is: `SENDRY_E2E_URL=… npm run bench`. Prints the first paint of the traffic page in a fresh browser, the
 * JavaScript that it loads, and how long after its data a chart of 32 days and 50 endpoints can be used. Nothing here passes or
 * fails.
 *
 * The answers of 32 days are those of the hub, stretched: every step and every endpoint is there. Times are of the page's own
 * clock, from the end of an answer to the frame after the one that drew it.
 */
import process from "node:process";
import { launch, openPage } from "./harness/browser.mjs";
import { findSubject } from "./harness/hub.mjs";

const RUNS = 9;
const DAYS = 32;
const ENDPOINTS = 50;

const middle = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const ms = value => `${value.toFixed(0)} ms`;
const line = (what, values, limit) =>
  console.log(
    `${what.padEnd(52)} ${ms(middle(values))} (worst of ${values.length}: ${ms(Math.max(...values))}), at most ${limit}`,
  );

/** Runs in the page: notes when the chart and the table have been drawn, and when the pointer has been answered. */
function watch(rows) {
  const drawn = {};
  const note = (name, isThere) => {
    if (drawn[name] === undefined && isThere()) requestAnimationFrame(() => (drawn[name] = performance.now()));
  };
  const look = () => {
    note("frame", () => document.querySelector(".frame") !== null);
    note("chart", () => document.querySelector(".chart .u-over") !== null);
    note("table", () => document.querySelectorAll(".endpoints tbody tr").length >= rows);
    note("tooltip", () => document.querySelector(".chart-tooltip") !== null);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  addEventListener("mousemove", () => (drawn.pointed ??= performance.now()), true);
  window.benchDrawn = drawn;
}

const answeredAt = (page, name) =>
  page.evaluate(
    wanted =>
      Math.max(
        ...performance
          .getEntriesByType("resource")
          .filter(one => new URL(one.name).pathname.endsWith(`/${wanted}`))
          .map(one => one.responseEnd),
      ),
    name,
  );

async function firstPaint(browser, subject) {
  const found = { paint: [], frame: [], chart: [], scripts: 0 };
  for (let run = 0; run < RUNS; run += 1) {
    const { context, page } = await openPage(browser, subject);
    await page.addInitScript(watch, 1);
    await page.goto(subject.page("traffic"));
    await page.waitForFunction(() => window.benchDrawn.chart !== undefined);
    const [paint, frame, chart, scripts] = await page.evaluate(() => [
      performance.getEntriesByName("first-contentful-paint")[0].startTime,
      window.benchDrawn.frame,
      window.benchDrawn.chart,
      performance
        .getEntriesByType("resource")
        .filter(one => one.name.endsWith(".js"))
        .reduce((sum, one) => sum + one.encodedBodySize, 0),
    ]);
    found.paint.push(paint);
    found.frame.push(frame);
    found.chart.push(chart);
    found.scripts = scripts;
    await context.close();
  }
  return found;
}

/** What the hub would answer if all 32 days and 50 endpoints had traffic. */
async function stretched(subject) {
  const to = subject.to;
  const scope = { from: String(to - DAYS * 86_400), to: String(to) };
  const full = async name => {
    const answer = await subject.read(name, scope);
    const { from, to: end, step_secs: width } = answer.range;
    const data = [];
    for (let start = from; start < end; start += width)
      data.push({ ...answer.data[data.length % answer.data.length], start });
    return { ...answer, data };
  };
  const [traffic, latency, endpoints] = await Promise.all([
    full("traffic"),
    full("latency"),
    subject.read("endpoints", scope),
  ]);
  const called = endpoints.data.filter(row => row.requests > 0);
  const rows = Array.from({ length: ENDPOINTS }, (_, place) => ({
    ...called[place % called.length],
    path: `/v1/resource-${place}/{id}`,
  }));
  return { scope, traffic, latency, endpoints: { ...endpoints, data: rows } };
}

async function longRange(browser, subject) {
  const { scope, ...answers } = await stretched(subject);
  const found = { chart: [], table: [], pointer: [], steps: answers.traffic.data.length };
  for (let run = 0; run < RUNS; run += 1) {
    const { context, page } = await openPage(browser, subject);
    for (const [name, json] of Object.entries(answers))
      await page.route(`**/api/v1/apps/*/${name}?*`, route => route.fulfill({ json }));
    await page.addInitScript(watch, ENDPOINTS);
    await page.goto(subject.page("traffic", scope));
    await page.waitForFunction(() => window.benchDrawn.chart !== undefined && window.benchDrawn.table !== undefined);
    const drawn = await page.evaluate(() => window.benchDrawn);
    found.chart.push(drawn.chart - (await answeredAt(page, "traffic")));
    found.table.push(drawn.table - (await answeredAt(page, "endpoints")));
    await page.locator(".chart .u-over").first().hover();
    await page.waitForFunction(() => window.benchDrawn.tooltip !== undefined);
    const { tooltip, pointed } = await page.evaluate(() => window.benchDrawn);
    found.pointer.push(tooltip - pointed);
    await context.close();
  }
  return found;
}

const subject = await findSubject(process.env.SENDRY_E2E_URL, process.env.SENDRY_E2E_APP);
const browser = await launch();
try {
  const first = await firstPaint(browser, subject);
  line("first paint, fresh browser", first.paint, "1,000 ms");
  line("the page itself after that shell, from the start", first.frame, "no limit");
  line("first chart drawn, from the start of the navigation", first.chart, "no limit");
  console.log(
    `${"JavaScript of the traffic page, as sent".padEnd(52)} ${(first.scripts / 1000).toFixed(1)} KB, at most 300 KB`,
  );
  const long = await longRange(browser, subject);
  line(`chart of ${DAYS} days (${long.steps} steps), after its data`, long.chart, "100 ms");
  line(`table of ${ENDPOINTS} endpoints, after its data`, long.table, "100 ms");
  line("tooltip, after the pointer moved", long.pointer, "no limit");
} finally {
  await browser.close();
}
