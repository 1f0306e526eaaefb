/**
 * The question that the dashboard exists for, as somebody asks it who never saw it: which field of which endpoint fails
 * validation most since yesterday, and for which consumer. From the page behind the log-in it takes three clicks.
 */
import assert from "node:assert/strict";
import process from "node:process";

const { SENDRY_E2E_EMAIL: email, SENDRY_E2E_PASSWORD: password } = process.env;

const DAY_SECS = 86_400;

/** What the API says to the same question. */
async function truth(subject) {
  const to = Math.ceil(Date.now() / 60_000) * 60;
  const since = { from: String(to - DAY_SECS), to: String(to) };
  const [worst] = (await subject.read("validation-errors", since)).data;
  const { data } = await subject.read(`error-groups/${worst.group_id}`, since);
  const [most] = data.consumers.toSorted((a, b) => b.count - a.count);
  return { worst, consumer: most.consumer.name ?? most.consumer.identifier };
}

async function logInByHand(page) {
  await page.goto("/");
  if (email === undefined) return;
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Password").press("Enter");
}

async function threeClicks({ page, subject }) {
  const { worst, consumer } = await truth(subject);
  let clicks = 0;
  await page.exposeFunction("countClick", () => {
    clicks += 1;
  });
  await page.addInitScript(() => document.addEventListener("pointerdown", () => window.countClick(), true));
  await logInByHand(page);
  const card = page.locator(".app-card", { has: page.getByRole("heading", { name: subject.app.name, exact: true }) });
  await card.locator(".sparkline rect").first().waitFor();

  await card.getByRole("heading", { name: subject.app.name, exact: true }).click();
  await page.getByRole("link", { name: "Validation errors", exact: true }).click();
  const first = page.locator(".validation tbody tr").first();
  const row = await first.innerText();
  await first.click();

  const name = [worst.location, worst.field].filter(part => part !== "").join(".");
  for (const part of [name, worst.method, worst.path, worst.message])
    assert.ok(row.includes(part), `${part} must be in the first row: ${row}`);
  const callers = page.getByRole("dialog").locator(".callers li");
  await callers.first().waitFor();
  assert.ok((await callers.first().innerText()).includes(consumer), `${consumer} must come first`);
  assert.equal(clicks, 3);
}

export const tests = [
  {
    name: "from the log-in to the field that fails most and its consumer in three clicks",
    run: threeClicks,
    options: { loggedOut: true },
  },
];
