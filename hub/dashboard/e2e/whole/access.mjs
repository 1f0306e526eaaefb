/** Doors and failures: what the page does when the hub says no. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

const problem = (status, title, detail) => ({
  status,
  contentType: "application/problem+json",
  body: JSON.stringify({ type: "x", title, status, detail }),
});

async function expired({ page, subject }) {
  await page.goto(subject.page("traffic"));
  await page.locator(".card-value").first().waitFor();
  const address = page.url();
  await page.route("**/api/v1/**", route => route.fulfill(problem(401, "Unauthorized", "Log in first.")));
  await page.getByRole("button", { name: "Refresh now" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.getByText("The session is over").waitFor();
  assert.equal(page.url(), address, "the address is kept");
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").getByText("Log in first.").waitFor();
  await page.unroute("**/api/v1/**");
  await page.route("**/api/v1/session", route =>
    route.fulfill({ json: { user: { email: "ada@example.com", role: "admin" } } }),
  );
  await page.getByRole("button", { name: "Log in" }).click();
  await page.locator(".card-value").first().waitFor();
  assert.equal(page.url(), address, "logging in leads back to the same view");
}

async function failing({ page, subject }) {
  await page.goto(subject.page("traffic"));
  const requests = page.locator(".card", { has: page.getByText("Requests", { exact: true }) }).locator(".card-value");
  await eventually("figures", async () => /\d/.test((await requests.innerText()) ?? ""));
  const shown = await requests.innerText();
  await page.route("**/api/v1/apps/*/traffic*", route =>
    route.fulfill(problem(503, "Service Unavailable", "The store is away.")),
  );
  await page.getByRole("button", { name: "Refresh now" }).click();
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.match(await alert.innerText(), /Traffic could not be loaded: Service Unavailable.*The store is away/s);
  assert.equal(await requests.innerText(), shown, "what was on screen stays");
  await page.unroute("**/api/v1/apps/*/traffic*");
  await alert.getByRole("button", { name: "Retry" }).click();
  await eventually("the problem is gone", async () => (await page.getByRole("alert").count()) === 0);
}

async function setUp({ page }) {
  await page.route("**/api/v1/session", route => route.fulfill({ json: { user: null, setup_required: true } }));
  const sent = [];
  await page.route("**/api/v1/setup", route => {
    sent.push(route.request().postDataJSON());
    return route.fulfill(problem(403, "Forbidden", "The token is wrong or was used."));
  });
  await page.goto("/");
  await page.getByText("This hub has no user yet").waitFor();
  assert.equal(await page.getByLabel("Password").count(), 0, "nobody can log in");
  await page.goto("/setup");
  await page.getByText("The set-up token is missing").waitFor();
  await page.evaluate(() => {
    window.location.hash = "token=once";
  });
  await page.getByText("This link works once").waitFor();
  await page.getByLabel("E-mail").and(page.locator(":focus")).waitFor();
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password").fill("a long enough password");
  await page.getByRole("button", { name: "Create admin" }).click();
  await page.getByRole("alert").getByText("The token is wrong or was used.").waitFor();
  assert.equal(
    await page.getByLabel("Password").getAttribute("aria-invalid"),
    null,
    "the password is not what is wrong",
  );
  assert.deepEqual(sent, [{ token: "once", email: "ada@example.com", password: "a long enough password" }]);
}

/** As if the hub were gone: it answers nothing, not even with its shell. */
const PAGE_SCRIPT = /\/assets\/ErrorsPage[^/]*\.js$/;

async function gone({ page, subject }) {
  await page.route(PAGE_SCRIPT, route => route.abort());
  await page.goto(subject.page("traffic"));
  await page.locator(".card-value").first().waitFor();
  await page.route(
    url => url.pathname === "/",
    route => route.abort(),
  );
  await page.getByRole("link", { name: "Errors", exact: true }).click();
  await page.getByRole("alert").getByText("The hub cannot be reached").waitFor();
  await page.getByRole("link", { name: "Traffic", exact: true }).waitFor();
  await page.unrouteAll({ behavior: "wait" });
  await page.getByRole("heading", { name: "Errors", exact: true }).waitFor();
}

async function updated({ page, subject }) {
  await page.route(PAGE_SCRIPT, route => route.fulfill({ status: 404 }));
  await page.goto(subject.page("traffic"));
  await page.locator(".card-value").first().waitFor();
  await page.getByRole("link", { name: "Errors", exact: true }).click();
  await page.getByText("The hub may have been updated").waitFor();
  await page.unrouteAll({ behavior: "wait" });
  await page.getByRole("button", { name: "Load again" }).click();
  await page.getByRole("heading", { name: "Errors", exact: true }).waitFor();
}

async function unknownApp({ page }) {
  await page.goto("/apps/00000000-0000-4000-8000-000000000000/traffic");
  await page.getByText("There is no such app").waitFor();
  await page.goto("/no/such/page");
  await page.getByText("There is no such page").waitFor();
}

async function instances({ page, subject }) {
  // Reports of past minutes arrive later: the window must reach to now.
  const window = { to: String(Math.ceil(Date.now() / 60_000) * 60) };
  await page.goto(subject.page("instances", window));
  const { data } = await subject.read("instances", window);
  const losses = (await subject.read("losses", window)).data;
  await eventually(
    "a row per instance",
    async () => (await page.getByRole("region", { name: "Instances" }).locator("tbody tr").count()) === data.length,
  );
  assert.ok(data.length > 0);
  if (losses.length === 0) await page.getByText("Nothing is missing").waitFor();
  else
    await eventually("a row per loss", async () => (await page.locator(".losses tbody tr").count()) === losses.length);
}

const refused = /status of (401|403|503)/;
const notFetched = /status of 404|ERR_FAILED|NotFetched|script could not be fetched|dynamically imported/;

export const tests = [
  { name: "an expired session asks to log in and leads back", run: expired, options: { expectedErrors: refused } },
  { name: "a failing hub is named, and what is shown stays", run: failing, options: { expectedErrors: refused } },
  { name: "the first set-up sends the token of the link", run: setUp, options: { expectedErrors: refused } },
  {
    name: "a page whose script cannot be fetched waits for the hub in its frame",
    run: gone,
    options: { expectedErrors: notFetched },
  },
  {
    name: "a page whose script is gone tells of an update",
    run: updated,
    options: { expectedErrors: notFetched },
  },
  { name: "unknown apps and pages say so", run: unknownApp },
  { name: "instances and losses are listed", run: instances },
];
