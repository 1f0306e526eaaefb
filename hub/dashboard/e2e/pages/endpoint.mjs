/** The page of one endpoint. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

async function busiest(subject) {
  const { data } = await subject.read("endpoints");
  return data.reduce((best, one) => (one.requests > best.requests ? one : best));
}

async function detail({ page, subject }) {
  const { method, path, requests } = await busiest(subject);
  await page.goto(subject.page("traffic"));
  await page.locator(".endpoint-link", { hasText: path }).first().waitFor();
  await page.locator(".endpoints tbody tr").first().click();
  await page.getByRole("heading", { name: path, exact: true }).waitFor();
  const { searchParams } = new URL(page.url());
  assert.deepEqual(
    [searchParams.get("method"), searchParams.get("path"), searchParams.get("env")],
    [method, path, subject.env],
  );
  const counted = await eventually("the totals", () => page.locator(".totals div").first().getAttribute("title"));
  assert.equal(Number(counted.replaceAll(",", "")), requests);

  const { data } = await subject.read("traffic", { method, path });
  const codes = new Set(data.flatMap(step => Object.keys(step.by_status)));
  await eventually(
    "a row per status code",
    async () => (await page.locator(".status-codes tr").count()) === codes.size,
  );
  await eventually("two charts over time", async () => (await page.locator(".chart canvas").count()) === 2);
  await eventually("the histogram has bars", async () => (await page.locator(".histogram-bar").count()) > 3);
  assert.deepEqual(
    (await page.locator(".histogram-mark text").allTextContents()).map(text => text.slice(0, 3)),
    ["p50", "p95", "p99"],
  );
}

async function measure({ page, subject }) {
  const { method, path } = await busiest(subject);
  await page.goto(subject.page("endpoint", { method, path }));
  const asked = page.waitForResponse(
    response => response.url().includes("/latency") && response.url().includes("measure=headers"),
  );
  await page.getByRole("button", { name: "To headers" }).click();
  assert.ok((await asked).ok());
  await eventually("the choice is in the address", () => new URL(page.url()).searchParams.get("measure") === "headers");
  await page.getByText("Time to response headers, logarithmic").waitFor();
}

async function sharedCursor({ page, subject }) {
  const { method, path } = await busiest(subject);
  await page.goto(subject.page("endpoint", { method, path }));
  await eventually("two charts", async () => (await page.locator(".chart .u-over").count()) === 2);
  const { data, range } = await subject.read("traffic", { method, path });
  const box = await page.locator(".chart .u-over").first().boundingBox();
  const middle = data.at(-1).start + range.step_secs / 2;
  await page.mouse.move(box.x + (box.width * (middle - range.from)) / (range.to - range.from), box.y + 30);
  const titles = await eventually("both charts show a tooltip", async () => {
    const shown = await page.locator(".chart-tooltip-title").allInnerTexts();
    return shown.length === 2 && shown;
  });
  assert.equal(titles[0], titles[1], "both point at the same step");
}

async function back({ page, subject }) {
  const { method, path } = await busiest(subject);
  await page.goto(subject.page("endpoint", { method, path }));
  await page.getByRole("heading", { name: path, exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Traffic", exact: true }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("from"), String(subject.from), "the window is kept");
}

async function unknown({ page, subject }) {
  await page.goto(subject.page("endpoint", { method: "GET", path: "/no/such/route" }));
  await page.getByText("Nothing was seen of this endpoint in this range").waitFor();
}

async function parts({ page, subject }) {
  const { data } = await subject.read("endpoints");
  const failing = data.reduce((worst, one) => (one.server_errors > worst.server_errors ? one : worst));
  const { method, path } = failing;
  await page.goto(subject.page("endpoint", { method, path }));
  const tab = name => page.getByRole("tab", { name });
  const callers = await subject.read("consumers", { method, path });
  await page.locator('[aria-label="Top consumers"] li').first().waitFor();
  await tab("Errors").first().click();
  await eventually("only its errors", async () => {
    const paths = await page.locator(".codes .endpoint-link").allInnerTexts();
    return paths.length > 0 && paths.every(one => one === path);
  });
  await tab("Sizes").click();
  await eventually("two charts of sizes", async () => (await page.locator(".endpoint-sizes canvas").count()) === 2);
  await tab("Consumers").click();
  await eventually(
    "a row per consumer",
    async () => (await page.locator(".consumers tbody tr").count()) === callers.data.length,
  );
  await tab("Request logs").click();
  await page.getByText("Newest requests").waitFor();
  await page.reload();
  await tab("Request logs").and(page.locator('[aria-selected="true"]')).waitFor();
  await page.getByRole("link", { name: "All in the explorer" }).click();
  await page.getByRole("searchbox", { name: "Query" }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("path"), path, "the explorer is narrowed to the endpoint");
}

export const tests = [
  { name: "an endpoint has its errors, sizes, consumers and logs", run: parts },
  { name: "a row opens the endpoint with its totals, charts and histogram", run: detail },
  { name: "time to headers can be looked at instead", run: measure },
  { name: "charts of a page share their cursor", run: sharedCursor },
  { name: "Esc returns to the same view of traffic", run: back },
  { name: "an endpoint that was not seen says so", run: unknown },
];
