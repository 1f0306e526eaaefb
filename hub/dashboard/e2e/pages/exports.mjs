/** Request logs as a file: all that fit, streamed by the hub, with a display of how far it is. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { eventually } from "../harness/browser.mjs";

const strip = page => page.getByRole("region", { name: "Export" });
const rows = page => page.locator(".log-rows .log-row");

async function start(page, choice) {
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await page.getByRole("button", { name: choice }).click();
}

/** How many logs there are. */
async function total(subject) {
  const { data } = await subject.read("request-logs/timeline");
  return data.reduce((sum, step) => sum + step.requests, 0);
}

/** As in browsers that cannot write files as they come. */
const withoutPicker = page => page.addInitScript(() => delete window.showSaveFilePicker);

/** The reader chooses a file that only this page can see. */
const withPicker = page =>
  page.addInitScript(() => {
    window.showSaveFilePicker = async ({ suggestedName }) => {
      const root = await navigator.storage.getDirectory();
      return root.getFileHandle(suggestedName, { create: true });
    };
  });

/** An answer that comes piece by piece, as the test says. */
const withPieces = page =>
  page.addInitScript(() => {
    const { fetch } = window;
    window.fetch = async request => {
      if (!request.url.includes("/request-logs/export")) return fetch(request);
      const body = new ReadableStream({
        start: controller => {
          window.piece = text => controller.enqueue(new TextEncoder().encode(text));
          window.breakOff = () => controller.error(new TypeError("network error"));
          request.signal.addEventListener("abort", () => {
            window.wasAborted = true;
            controller.error(request.signal.reason);
          });
        },
      });
      return new Response(body, { headers: { "x-sendry-rows": "4", "x-sendry-rows-max": "1000000" } });
    };
  });

async function open(page, subject) {
  await page.goto(subject.page("logs"));
  await rows(page).first().waitFor();
}

async function downloaded({ page, subject }) {
  const [count, { data }] = await Promise.all([total(subject), subject.read("request-logs", { limit: "1" })]);
  await withoutPicker(page);
  await open(page, subject);
  for (const [label, kind, heads] of [
    ["CSV", "csv", 1],
    ["JSON lines", "ndjson", 0],
  ]) {
    const saved = page.waitForEvent("download");
    await start(page, `All that fit, as ${label}`);
    const download = await saved;
    assert.equal(download.suggestedFilename(), `request-logs-${subject.env}.${kind}`);
    const text = await readFile(await download.path(), "utf8");
    assert.equal(text.trimEnd().split("\n").length, count + heads, `all of them as ${label}`);
    assert.ok(text.includes(data[0].id), label);
    await strip(page)
      .getByText(`${count.toLocaleString("en")} requests saved in request-logs-${subject.env}.${kind}`)
      .waitFor();
  }
  assert.equal(await strip(page).getByText("It ends there").count(), 0, "it was not cut");
  await strip(page).getByRole("button", { name: "Close" }).click();
  assert.equal(await strip(page).count(), 0);
}

async function streamed({ page, subject }) {
  const count = await total(subject);
  await withPicker(page);
  await open(page, subject);
  await start(page, "All that fit, as JSON lines");
  await strip(page).getByText("requests saved in").waitFor();
  const text = await page.evaluate(async name => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle(name);
    return (await handle.getFile()).text();
  }, `request-logs-${subject.env}.ndjson`);
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, count);
  assert.ok(JSON.parse(lines[0]).id);
}

/** Only what fits the filters is in the file; a text makes it unknown how many that will be. */
async function filtered({ page, subject }) {
  await withoutPicker(page);
  await page.goto(subject.page("logs", { status: "5xx", q: "e" }));
  await rows(page).first().waitFor();
  const saved = page.waitForEvent("download");
  await start(page, "All that fit, as JSON lines");
  const text = await readFile(await (await saved).path(), "utf8");
  const found = text.trimEnd().split("\n").map(JSON.parse);
  assert.ok(found.length > 0 && found.every(one => one.status >= 500));
}

async function progress({ page, subject }) {
  await withoutPicker(page);
  await withPieces(page);
  await open(page, subject);
  await start(page, "All that fit, as CSV");
  await page.waitForFunction(() => window.piece !== undefined);
  await page.evaluate(() => window.piece('id,url\r\n1,"/a\nb"\r\n'));
  await strip(page).getByText("Exporting: 1 of 4 requests").waitFor();
  const bar = strip(page).getByRole("progressbar");
  assert.deepEqual(await bar.evaluate(({ value, max }) => [value, max]), [1, 4]);
  await page.getByRole("button", { name: "Export", exact: true }).click();
  assert.ok(await page.getByRole("button", { name: "All that fit, as CSV" }).isDisabled(), "one at a time");
  await page.keyboard.press("Escape");
  await strip(page).getByRole("button", { name: "Cancel" }).click();
  await eventually("the hub need not go on", () => page.evaluate(() => window.wasAborted));
  assert.equal(await strip(page).count(), 0);
  assert.ok((await rows(page).count()) > 0, "the list is as it was");
}

async function brokenOff({ page, subject }) {
  await withoutPicker(page);
  await withPieces(page);
  await open(page, subject);
  await start(page, "All that fit, as JSON lines");
  await page.waitForFunction(() => window.piece !== undefined);
  await page.evaluate(() => window.piece("{}\n{}\n"));
  await strip(page).getByText("Exporting: 2 of 4 requests").waitFor();
  await page.evaluate(() => window.breakOff());
  await strip(page).getByText("It came as far as 2 requests; nothing of it is kept").waitFor();
  assert.ok((await rows(page).count()) > 0, "the list is as it was");
}

async function refused({ page, subject }) {
  await withoutPicker(page);
  await open(page, subject);
  const detail = "4 exports are under way; try again when one is done.";
  await page.route("**/request-logs/export?*", route =>
    route.fulfill({
      status: 429,
      contentType: "application/problem+json",
      json: { type: "too_many_exports", title: "Too Many Requests", status: 429, detail },
    }),
  );
  await start(page, "All that fit, as CSV");
  await strip(page).getByRole("alert").getByText(detail).waitFor();
  assert.ok((await rows(page).count()) > 0, "the list is as it was");
  await page.unrouteAll({ behavior: "wait" });
  const saved = page.waitForEvent("download");
  await strip(page).getByRole("button", { name: "Try again" }).click();
  await saved;
  await strip(page).getByText("requests saved in").waitFor();
}

async function cut({ page, subject }) {
  await withoutPicker(page);
  await open(page, subject);
  await page.route("**/request-logs/export?*", async route => {
    const response = await route.fetch({ url: `${route.request().url()}&limit=5` });
    await route.fulfill({ response });
  });
  await start(page, "All that fit, as CSV");
  await strip(page).getByText("5 requests saved in").waitFor();
  await strip(page).getByText("It ends there: a file holds 5 at the most, the newest").waitFor();
}

async function loaded({ page, subject }) {
  await open(page, subject);
  const saved = page.waitForEvent("download");
  await start(page, /^The \d+ loaded, as CSV$/);
  const text = await readFile(await (await saved).path(), "utf8");
  const shown = await page.locator(".log-tools .num").innerText();
  assert.equal(text.trimEnd().split("\r\n").length - 1, Number(shown.replace(/\D/g, "")));
}

const options = { expectedErrors: /status of 429/ };

export const tests = [
  { name: "request logs: all that fit are downloaded as CSV and as JSON lines", run: downloaded },
  { name: "request logs: an export is written as it comes where the browser can", run: streamed },
  { name: "request logs: an export holds only what fits the filters", run: filtered },
  { name: "request logs: an export says how far it is, and is cancelled", run: progress },
  { name: "request logs: an export that breaks off says how far it came", run: brokenOff },
  { name: "request logs: a refused export says why, and is tried again", run: refused, options },
  { name: "request logs: an export that is cut says so", run: cut },
  { name: "request logs: what is loaded as a file", run: loaded },
];
