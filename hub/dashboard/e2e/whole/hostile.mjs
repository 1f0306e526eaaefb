/** What nobody should type into the address, and names that are markup: shown safely, never a blank page. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

const PAGES = ["traffic", "errors", "validation", "consumers", "instances", "performance", "resources"];
const RANGES = [
  { from: "0", to: "60" },
  { from: "99999999998", to: "99999999999" },
  { from: "1", to: "99999999999" },
  { from: "-5", to: "1e9" },
  { range: "'; DROP TABLE traffic; --" },
  { env: "no-such-environment" },
];

/** Something is said on each page: figures, that there is nothing, or what is wrong with the question. */
async function absurd({ page, subject }) {
  for (const name of PAGES) {
    for (const own of RANGES) {
      const address = `/apps/${subject.app.app_id}/${name}?${new URLSearchParams({ env: subject.env, ...own })}`;
      await page.goto(address);
      await page.locator("h1").first().waitFor();
      await eventually(`${address} says something`, async () => {
        const text = await page.locator("main").innerText();
        const waits = await page.locator(".skeleton").count();
        return waits === 0 && text.length > 40;
      });
      assert.equal(await page.getByText("This page could not be shown").count(), 0, address);
      assert.doesNotMatch(await page.locator("main").innerText(), /NaN|Infinity|undefined|Invalid Date/, address);
    }
  }
}

/** A range that cannot be shown is told, and a standard one stands in until another is chosen. */
async function refused({ page, subject }) {
  const note = page.getByText("The range in the address cannot be shown");
  for (const [from, to] of [
    ["1200", "600"],
    ["0", String(401 * 86_400)],
  ]) {
    await page.goto(subject.page("traffic", { from, to }));
    await note.waitFor();
    await page.locator(".card-value").first().waitFor();
    assert.equal(await page.getByRole("alert").count(), 0, "the hub was asked for something it answers");
  }
  await page.locator(".range-picker button").first().click();
  await page.getByRole("button", { name: "Last 7 days" }).click();
  await note.waitFor({ state: "detached" });
}

const HOSTILE = "<img src=x onerror=\"document.title='owned'\">";

async function appName({ page, subject }) {
  const { app_id } = await subject.ask("/apps", { method: "POST", body: { name: HOSTILE } });
  await page.goto("/");
  await page.getByRole("heading", { name: HOSTILE }).first().waitFor();
  await page.goto(`/settings/apps/${app_id}`);
  await page.getByRole("heading", { name: HOSTILE, exact: true }).waitFor();
  await page.goto(subject.page("traffic"));
  await page.locator(".endpoints tbody tr").first().waitFor();
  await page.keyboard.press("Control+k");
  await page.locator(".palette-row").first().waitFor();
  await page.keyboard.type("onerror");
  await eventually(
    "the palette offers it",
    async () => (await page.locator(".palette-row").first().innerText()) === HOSTILE,
  );
  assert.equal(await page.locator("img").count(), 0);
  assert.ok(!(await page.title()).includes("owned"));
  await subject.ask(`/apps/${app_id}`, { method: "DELETE" });
}

const expectedErrors = /status of 400/;

export const tests = [
  {
    name: "absurd ranges and unknown environments are answered on every page",
    run: absurd,
    options: { expectedErrors, limitSecs: 240 },
  },
  { name: "a range that cannot be shown is told", run: refused },
  { name: "the hostile name of an app is only ever text", run: appName },
];
