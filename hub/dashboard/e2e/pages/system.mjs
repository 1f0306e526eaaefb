/** The page of the hub itself. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

async function whole({ page, subject }) {
  await page.goto("/system");
  await page.getByRole("region", { name: "Watchdogs" }).waitFor();
  const system = await subject.ask("/system");
  const shown = page.locator(".watchdogs-loud > li, .watchdogs-quiet > li");
  await eventually("every watchdog", async () => (await shown.count()) === system.watchdogs.length);
  assert.equal(
    await page.getByRole("region", { name: "Processes" }).locator("tbody tr").count(),
    system.processes.length,
  );
  for (const { topic } of system.queue.topics)
    await page
      .getByRole("region", { name: "Queue" })
      .getByRole("heading", { name: topic.replaceAll("_", " "), exact: false })
      .waitFor();
  assert.ok((await page.getByRole("region", { name: "Storage" }).locator("tbody tr").count()) > 0);
}

/** What the hub may say when much is wrong at once. */
const broken = system => ({
  ...system,
  ok: false,
  watchdogs: system.watchdogs.map((one, at) =>
    at === 0 ? { ...one, state: "alarm", detail: "<img src=x> is lost", since: system.as_of - 600 } : one,
  ),
  queue: null,
  gaps: null,
});

async function alarm({ page }) {
  await page.route("**/api/v1/system", async route => {
    const response = await route.fetch();
    await route.fulfill({ response, json: broken(await response.json()) });
  });
  await page.goto("/system");
  await page.getByText("One thing needs you").waitFor();
  const first = page.locator(".watchdogs-loud > li").first();
  assert.match(await first.innerText(), /Alarm[\s\S]*for 1\d\smin[\s\S]*<img src=x> is lost/);
  await page.getByText("No process that is connected to the queue reports").waitFor();
  await page.getByText("The traffic store gives no answer").waitFor();
  await page.unrouteAll({ behavior: "wait" });
}

export const tests = [
  { name: "the system page shows every watchdog, process, topic and store", run: whole },
  { name: "an alarm says what is wrong, since when, and what to do", run: alarm },
];
