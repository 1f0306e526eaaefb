/** Logging in and out for real, and what each role sees. */
import assert from "node:assert/strict";
import { eventually, openPage } from "../harness/browser.mjs";
import { newPerson } from "../harness/people.mjs";

async function logIn(page, { email, password }) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

async function inAndOut({ page, subject, browser }) {
  const person = await newPerson(subject, "viewer");
  const { page: own, context } = await openPage(browser, person, { loggedOut: true });
  const address = subject.page("traffic", { chart: "errors" });
  await own.goto(address);
  await own.getByRole("heading", { name: "Log in" }).waitFor();
  await logIn(own, { ...person, password: "not the password" });
  await own.getByRole("alert").getByText("wrong").waitFor();
  assert.equal(await own.getByLabel("E-mail").inputValue(), person.email, "what was typed stays");
  await logIn(own, person);
  await own.locator(".card-value").first().waitFor();
  assert.ok(own.url().endsWith(address), "logging in leads to the address that was asked for");
  await own.getByRole("button", { name: "Log out" }).click();
  await own.getByRole("heading", { name: "Log in" }).waitFor();
  await own.reload();
  await own.getByRole("heading", { name: "Log in" }).waitFor();
  await context.close();
  await page.goto("/");
  await page.getByRole("heading", { name: "Apps" }).waitFor();
}

/** An admin ends the session: the page asks to log in where it is, and goes on there. */
async function ended({ subject, browser }) {
  const person = await newPerson(subject, "viewer");
  const { page, context } = await openPage(browser, person);
  await page.goto(subject.page("validation"));
  await page.locator("tbody tr").first().waitFor();
  const address = page.url();
  const { data } = await subject.ask("/users");
  const { id } = data.find(one => one.email === person.email);
  await subject.ask(`/users/${id}/sessions`, { method: "DELETE" });
  await page.getByRole("button", { name: "Refresh now" }).click();
  await page.getByText("The session is over").waitFor();
  await logIn(page, person);
  await page.locator("tbody tr").first().waitFor();
  assert.equal(page.url(), address);
  await context.close();
}

async function viewer({ subject, browser }) {
  const person = await newPerson(subject, "viewer", subject.app.app_id);
  const { page, context, errors } = await openPage(browser, person);
  await page.goto("/");
  await page.locator(".app-card").first().waitFor();
  assert.equal(await page.locator(".app-card").count(), 1, "other apps are not there");
  assert.equal(await page.getByRole("button", { name: "New app" }).count(), 0);
  await page.goto(subject.page("traffic"));
  await page.locator(".endpoints tbody tr").first().waitFor();
  assert.equal(await page.getByRole("link", { name: "Settings", exact: true }).count(), 0);
  await page.goto("/settings");
  await page.getByRole("heading", { name: "Your account" }).waitFor();
  assert.deepEqual(await page.getByRole("navigation", { name: "Settings" }).getByRole("link").allInnerTexts(), [
    "Your account",
    "Saved views",
  ]);
  assert.equal(await page.getByRole("link", { name: "System" }).count(), 0);
  for (const part of ["people", "tokens", "audit", "apps"]) {
    await page.goto(`/settings/${part}`);
    await page.getByText("your role does not reach it").waitFor();
  }
  await page.goto("/system");
  await page.getByText("Your role does not reach this page").waitFor();
  assert.deepEqual(errors, [], "nothing was asked that would be refused");
  const refused = await page.evaluate(async appId => {
    const headers = { "content-type": "application/json", "x-sendry-request": "1" };
    const change = { method: "PATCH", headers, body: JSON.stringify({ name: "mine" }) };
    return [(await fetch("/api/v1/users")).status, (await fetch(`/api/v1/apps/${appId}`, change)).status];
  }, subject.app.app_id);
  assert.deepEqual(refused, [403, 403], "the hub refuses in any case");
  await context.close();
}

async function appAdmin({ subject, browser }) {
  const person = await newPerson(subject, "admin", subject.app.app_id);
  const { page, context, errors } = await openPage(browser, person);
  await page.goto("/settings/people");
  await page.getByRole("region", { name: "Invitations" }).waitFor();
  assert.equal(await page.getByRole("region", { name: "Users" }).count(), 0, "users belong to the whole hub");
  await page.getByRole("button", { name: "Invite somebody" }).click();
  assert.deepEqual(await page.getByLabel("Where").locator("option").allInnerTexts(), [subject.app.name]);
  await page.keyboard.press("Escape");
  await page.goto(`/settings/apps/${subject.app.app_id}`);
  await page.getByRole("button", { name: "Delete…" }).waitFor();
  await eventually("no error", () => errors.length === 0);
  await context.close();
}

const options = { expectedErrors: /status of (401|403)/ };

export const tests = [
  { name: "logging in leads to the address that was asked for, logging out ends it", run: inAndOut, options },
  { name: "a session that was ended asks to log in and goes on where it was", run: ended, options },
  { name: "a viewer of an app sees it and nothing that could be refused", run: viewer, options },
  { name: "an admin of an app invites to it and to nothing else", run: appAdmin, options },
];
