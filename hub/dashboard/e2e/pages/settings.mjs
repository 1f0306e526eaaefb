/** The settings: people, tokens, apps, the own account, and the log of what was changed. */
import assert from "node:assert/strict";
import { newApp } from "../harness/apps.mjs";
import { eventually, openPage } from "../harness/browser.mjs";
import { newEmail, newPerson } from "../harness/people.mjs";
import { deletable } from "../harness/places.mjs";

const secret = page => page.locator(".secret-value code").innerText();
const rowOf = (page, text) => page.locator("tbody tr").filter({ hasText: text });

async function invite(page, email) {
  await page.goto("/settings/people");
  await page.getByRole("button", { name: "Invite somebody" }).click();
  await page.getByLabel("E-mail").fill(email);
}

async function invited({ page, subject, browser }) {
  const email = newEmail();
  await invite(page, email);
  await page.getByLabel("Where").selectOption({ label: subject.app.name });
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = await secret(page);
  assert.ok(link.startsWith(subject.url), link);
  await rowOf(page, email).getByText("Not used yet").waitFor();

  const guest = await openPage(browser, subject, { loggedOut: true });
  await guest.page.goto(link);
  await guest.page.getByText(`as viewer of ${subject.app.name}`).waitFor();
  assert.ok(!guest.page.url().includes("token"), "the secret is taken out of the address");
  assert.equal(await guest.page.getByLabel("E-mail").inputValue(), email);
  await guest.page.getByLabel("Password").fill("a password of my own");
  await guest.page.getByRole("button", { name: "Make my account" }).click();
  await guest.page.getByRole("heading", { name: "Apps" }).waitFor();
  await guest.page.locator(".app-card").first().waitFor();
  assert.deepEqual(await guest.page.locator(".app-card h2").allInnerTexts(), [subject.app.name], "one app, no other");
  await guest.context.close();

  await page.reload();
  await page.getByLabel("Show used and ended ones").check();
  await rowOf(page, email).getByText("Accepted").waitFor();
  assert.equal(await page.locator(".secret").count(), 0, "a link is shown once");
}

async function refused({ page, subject }) {
  const { email } = await newPerson(subject, "viewer");
  await invite(page, email);
  await page.getByRole("button", { name: "Make the link" }).click();
  await page.getByRole("alert").getByText("There is a user of this address already").waitFor();
  assert.equal(await page.getByLabel("E-mail").inputValue(), email, "what was typed stays");
  await page.getByRole("button", { name: "Cancel" }).click();
  await eventually("the form is closed", async () => (await page.getByRole("dialog").count()) === 0);
}

async function roles({ page, subject }) {
  const { email } = await newPerson(subject, "viewer");
  await page.goto("/settings/people");
  const user = page.getByRole("region", { name: "Users" }).locator("tbody tr").filter({ hasText: email });
  await user.getByRole("button", { name: "What to do about" }).click();
  await page.getByRole("button", { name: "Change roles…" }).click();
  await page.getByRole("button", { name: "Add a role" }).click();
  await page.getByLabel("Where").last().selectOption({ label: subject.app.name });
  await page.getByLabel(`Role on ${subject.app.name}`, { exact: true }).selectOption("admin");
  await page.getByRole("button", { name: "Save" }).click();
  await user.getByText(`admin · ${subject.app.name}`).waitFor();
  const { data } = await subject.ask("/users");
  assert.deepEqual(
    data
      .find(one => one.email === email)
      .grants.map(grant => grant.role)
      .sort(),
    ["admin", "viewer"],
  );
  await user.getByRole("button", { name: "What to do about" }).click();
  await page.getByRole("button", { name: "Disable" }).click();
  await user.getByText("disabled", { exact: true }).waitFor();
}

async function newPassword({ page, subject, browser }) {
  const { email } = await newPerson(subject, "viewer");
  await page.goto("/settings/people");
  const user = page.getByRole("region", { name: "Users" }).locator("tbody tr").filter({ hasText: email });
  await user.getByRole("button", { name: "What to do about" }).click();
  await page.getByRole("button", { name: "Make a link for a new password" }).click();
  const link = await secret(page);
  const guest = await openPage(browser, subject, { loggedOut: true });
  await guest.page.goto(link);
  await guest.page.getByLabel("Password").fill("yet another password");
  await guest.page.getByRole("button", { name: "Set the password" }).click();
  await guest.page.getByRole("heading", { name: "Apps" }).waitFor();
  await guest.context.close();
}

async function tokens({ page, subject }) {
  const name = `<b>report</b> ${Date.now()}`;
  await page.goto("/settings/tokens");
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Make the token" }).click();
  const token = await secret(page);
  const ask = () => fetch(new URL("/api/v1/apps", subject.url), { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await ask()).status, 200);
  await page.reload();
  await rowOf(page, name).waitFor();
  assert.ok(!(await page.content()).includes(token), "a token is shown once");
  await rowOf(page, name).getByRole("button", { name: "Revoke…" }).click();
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await rowOf(page, name).getByText("revoked").waitFor();
  await eventually("it is refused", async () => (await ask()).status === 401);
}

async function apps({ page }) {
  const name = `doomed-${Date.now().toString(36)}`;
  await page.goto("/");
  await page.getByRole("button", { name: "New app" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Create app" }).click();
  await page.getByRole("heading", { name: `Connect ${name}` }).waitFor();
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(`${name}-2`);
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("heading", { name: `${name}-2`, exact: true }).waitFor();
  await page.getByRole("button", { name: "New write key" }).click();
  assert.ok((await secret(page)).length >= 20);
  await page.getByRole("button", { name: "Delete…" }).click();
  const confirm = page.getByRole("button", { name: "Delete the app" });
  assert.ok(await confirm.isDisabled(), "the name must be typed first");
  await page.getByLabel(`Type “${name}-2” to go on`).fill(`${name}-2`);
  await confirm.click();
  await page.getByRole("region", { name: "Apps" }).locator("tbody tr").first().waitFor();
  await eventually("it is gone", async () => (await rowOf(page, `${name}-2`).count()) === 0);
}

async function environments({ page, subject }) {
  const { app_id, start, remove } = await newApp(subject);
  await start("load-test");
  await eventually("it is there", async () => {
    const { data } = await subject.ask(`/apps/${app_id}/environments`);
    return data.some(one => one.env === "load-test" && one.deletable_at === null);
  });
  await page.goto(`/settings/apps/${app_id}`);
  const panel = page.getByRole("region", { name: "Environments" });
  await panel.getByRole("button", { name: "Delete load-test…" }).click();
  const confirm = page.getByRole("button", { name: "Delete the environment" });
  await page.getByText("All that is stored of it goes").waitFor();
  assert.ok(await confirm.isDisabled(), "the name must be typed first");
  await page.getByLabel("Type “load-test” to go on").fill("load-test");
  await confirm.click();
  await panel.getByText("No report yet").waitFor();
  assert.deepEqual((await subject.ask(`/apps/${app_id}/environments`)).data, []);
  await remove();
}

/** One that reports is not offered for deletion; one that began to report meanwhile is refused, with the reason. */
async function reporting({ page, subject }) {
  const address = `/settings/apps/${subject.app.app_id}`;
  await page.goto(address);
  const row = page.getByRole("region", { name: "Environments" }).locator("tbody tr").filter({ hasText: subject.env });
  await row.getByText("Reported lately").waitFor();
  assert.equal(await row.getByRole("button").count(), 0);
  await deletable(page);
  await page.reload();
  await row.getByRole("button").click();
  await page.getByLabel(/^Type/).fill(subject.env);
  await page.getByRole("button", { name: "Delete the environment" }).click();
  await page.getByRole("alert").getByText("reported lately").waitFor();
  assert.equal(await page.getByLabel(/^Type/).inputValue(), subject.env, "what was typed stays");
}

async function account({ browser, subject }) {
  const person = await newPerson(subject, "viewer");
  const other = await openPage(browser, person);
  const own = await openPage(browser, person, { loggedOut: true });
  await own.page.goto("/settings");
  await own.page.getByLabel("E-mail").fill(person.email);
  await own.page.getByLabel("Password").fill(person.password);
  await own.page.getByRole("button", { name: "Log in" }).click();
  await own.page.getByLabel("Current password").fill("wrong");
  await own.page.getByLabel("New password").fill("the third password");
  await own.page.getByRole("button", { name: "Change the password" }).click();
  await own.page.getByRole("alert").getByText("not right").waitFor();
  assert.equal(await own.page.getByLabel("New password").inputValue(), "the third password", "what was typed stays");
  assert.equal(await own.page.getByRole("region", { name: "Sessions" }).locator("tbody tr").count(), 2);
  await own.page.getByLabel("Current password").fill(person.password);
  await own.page.getByRole("button", { name: "Change the password" }).click();
  await own.page.getByText("The password is changed").waitFor();
  await other.page.goto("/");
  await other.page.getByRole("heading", { name: "Log in" }).waitFor();
  await Promise.all([own.context.close(), other.context.close()]);
}

async function audit({ page, subject }) {
  const { email } = await newPerson(subject, "editor", subject.app.app_id);
  await page.goto("/settings/audit");
  const entry = rowOf(page, email).filter({ hasText: "Invited" });
  await entry.waitFor();
  assert.match(await entry.innerText(), new RegExp(`role: editor[\\s\\S]*${subject.app.name}`));
  await page.getByLabel("What happened").selectOption("invitation.accept");
  await eventually("only what was asked for", async () => {
    const texts = await page.locator("tbody tr").allInnerTexts();
    return texts.length > 0 && texts.every(text => text.includes("Accepted the invitation"));
  });
  assert.equal(new URL(page.url()).searchParams.get("action"), "invitation.accept");
}

const options = { expectedErrors: /status of (400|401|403|409)/ };

export const tests = [
  { name: "somebody is invited, accepts, and sees what the role reaches", run: invited },
  { name: "a refused invitation is told beside the field, and what was typed stays", run: refused, options },
  { name: "roles are changed and a user is disabled", run: roles },
  { name: "a link sets a new password", run: newPassword },
  { name: "a token is shown once, works, and is refused once revoked", run: tokens },
  { name: "an app is renamed, and deleted once its name was typed", run: apps },
  { name: "an environment that never reported is deleted once its name was typed", run: environments },
  { name: "an environment that reports says when it can be deleted", run: reporting, options },
  { name: "the own password is changed, and all other sessions end", run: account, options },
  { name: "the audit log tells who did what, and is filtered", run: audit },
];
