/** Connecting an app: making it, its key, the wait for its first report. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

async function makeApp(page) {
  const name = `made-${Date.now().toString(36)}`;
  await page.goto("/");
  await page.getByRole("button", { name: "New app" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Create app" }).click();
  await page.getByRole("heading", { name: `Connect ${name}` }).waitFor();
  return name;
}

const keyIn = async page => /SENDRY_WRITE_KEY=(\S+)/.exec(await page.locator(".steps").innerText())?.[1];

async function newApp({ page }) {
  const name = await makeApp(page);
  const key = await keyIn(page);
  assert.ok(key && !key.startsWith("<") && key.length >= 20, `the key is in the snippet: ${key}`);
  await page.getByText("Waiting for the first report").waitFor();
  await page.getByText("cargo add sendry-sdk-axum").waitFor();
  await page.getByRole("tab", { name: "actix-web" }).click();
  await page.getByText("cargo add sendry-sdk-actix", { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Any tower service" }).click();
  await page.getByText("cargo add sendry-sdk", { exact: true }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: `Connect ${name}` }).waitFor();
  assert.match(await page.locator(".steps").innerText(), /<write key>/, "a key is shown once");
}

async function keys({ page }) {
  await makeApp(page);
  await page.reload();
  const entries = page.locator(".keys tbody tr");
  await entries.first().waitFor();
  const before = await entries.count();
  await page.getByRole("button", { name: "Create a further write key" }).click();
  const key = await eventually("the new key is in the snippet", async () => {
    const shown = await keyIn(page);
    return shown?.length >= 20 && shown;
  });
  await eventually("the new key is listed", async () => (await entries.count()) === before + 1);
  const made = entries.filter({ hasText: "Write key" }).filter({ has: page.getByRole("button", { name: "Revoke…" }) });
  const mine = (await made.all()).length;
  assert.ok(mine >= 2 && key);
  await made.first().getByRole("button", { name: "Revoke…" }).click();
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByText(/^revoked /).waitFor();
  assert.equal((await made.all()).length, mine - 1);
}

/** The page of an app without reports is its set-up; the first report turns it into the traffic page. */
async function firstReport({ page, subject }) {
  await makeApp(page);
  const appId = new URL(page.url()).pathname.split("/")[2];
  await page.goto(`/apps/${appId}/traffic`);
  await page.getByText("Waiting for the first report").waitFor();
  assert.equal(await page.locator(".chart").count(), 0);
  await page.route("**/api/v1/apps", async route => {
    if (route.request().method() !== "GET") return route.continue();
    const response = await route.fetch();
    const body = await response.json();
    body.data.find(app => app.app_id === appId).environments = subject.app.environments;
    await route.fulfill({ response, json: body });
  });
  await page.locator(".cards").waitFor();
  assert.equal(await page.getByText("Waiting for the first report").count(), 0);
}

export const tests = [
  { name: "a new app gets its key in the snippet, once", run: newApp },
  { name: "further keys can be made and revoked", run: keys },
  { name: "the first report turns the set-up page into traffic", run: firstReport },
];
