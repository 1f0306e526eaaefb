/** Saved views: from what is on screen to the sidebar, the palette and the settings. */
import assert from "node:assert/strict";
import { eventually, openPage } from "../harness/browser.mjs";
import { newPerson } from "../harness/people.mjs";

async function save(page, name, shared = false) {
  await page.getByRole("button", { name: "Save this view" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  if (shared) await dialog.getByLabel("For all who may see this app").check();
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await eventually("the form is closed", async () => (await page.getByRole("dialog").count()) === 0);
}

const links = page => page.getByRole("navigation", { name: "Saved views" }).getByRole("link");

async function own({ page, subject }) {
  const name = `Slow ones ${Date.now()} of everybody`;
  await page.goto(subject.page("traffic", { chart: "latency", sort: "p95" }));
  await page.locator(".endpoints tbody tr").first().waitFor();
  const address = page.url();
  await save(page, name);
  await links(page).filter({ hasText: name }).waitFor();
  const right = locator => locator.evaluate(shown => shown.getBoundingClientRect().right);
  assert.ok((await right(links(page).first())) <= (await right(page.locator(".sidebar"))), "a long name is cut");
  await page.getByRole("link", { name: "Errors", exact: true }).click();
  await page.getByRole("heading", { name: "Errors", exact: true }).waitFor();
  await links(page).filter({ hasText: name }).click();
  await eventually("the view is as it was", () => page.url() === address);
  await page.keyboard.press("Control+k");
  await page.locator(".palette-row").first().waitFor();
  await page.keyboard.type(name);
  await eventually("the palette has it", async () => (await page.locator(".palette-row").first().innerText()) === name);
  await page.keyboard.press("Escape");
  await page.goto("/settings/views");
  const row = page.locator("tbody tr").filter({ hasText: name });
  await row.getByRole("button", { name: "What to do" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await eventually("it is gone", async () => (await row.count()) === 0);
}

async function shared({ page, subject, browser }) {
  const name = `<i>Payments</i> ${Date.now()}`;
  await page.goto(subject.page("traffic"));
  await page.locator(".endpoints tbody tr").first().waitFor();
  await save(page, name, true);
  const person = await newPerson(subject, "viewer", subject.app.app_id);
  const other = await openPage(browser, person);
  await other.page.goto(subject.page("errors"));
  await links(other.page).filter({ hasText: name }).click();
  await other.page.getByRole("heading", { name: "Traffic" }).waitFor();
  await other.page.getByRole("button", { name: "Save this view" }).click();
  assert.equal(await other.page.getByLabel("For all who may see this app").count(), 0, "a viewer shares nothing");
  await other.context.close();
}

async function thresholds({ page, subject }) {
  const [{ method, path }] = (await subject.read("endpoints")).data;
  await page.goto(`/settings/apps/${subject.app.app_id}`);
  await page.getByLabel("Of the app, in ms").fill("750");
  await page.getByLabel("A threshold for an endpoint").fill(`${method} ${path}`);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByLabel(`Threshold of ${method} ${path} in ms`).fill("20");
  await page.getByRole("button", { name: "Save the thresholds" }).click();
  await eventually("the hub knows them", async () => {
    const { threshold_ms, endpoints } = await subject.ask(`/apps/${subject.app.app_id}/apdex`);
    return threshold_ms === 750 && endpoints.some(one => one.path === path && one.threshold_ms === 20);
  });
  await subject.ask(`/apps/${subject.app.app_id}/apdex`, {
    method: "PUT",
    body: { threshold_ms: null, endpoints: [] },
  });
}

export const tests = [
  { name: "a view is saved, listed, found and deleted", run: own },
  { name: "a shared view is seen by all who see its app", run: shared },
  { name: "thresholds are set for an app and for an endpoint", run: thresholds },
];
