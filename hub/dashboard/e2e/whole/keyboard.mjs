/** The palette and the keys of the keyboard. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";

const options = page => page.locator(".palette-row");

async function open({ page, subject }) {
  await page.goto(subject.page("traffic"));
  await page.locator(".endpoints tbody tr").first().waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search pages" }).waitFor();
}

/** Its script was fetched ahead: nothing is waited for between the keys. */
async function atOnce({ page, subject }) {
  const fetched = page.waitForResponse(response => /\/Palette-[^/]*\.js$/.test(response.url()));
  await page.goto(subject.page("traffic"));
  await (await fetched).finished();
  await page.locator(".endpoints tbody tr").first().waitFor();
  await page.waitForTimeout(200);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("valid err");
  assert.equal(await page.getByRole("combobox", { name: "Search pages" }).inputValue(), "valid err");
}

async function toPage({ page, subject }) {
  await open({ page, subject });
  await page.keyboard.type("valid err");
  await eventually("the page comes first", async () =>
    (await options(page).first().innerText()).startsWith("Validation errors"),
  );
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Validation errors", exact: true }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("from"), String(subject.from), "the range goes along");
  assert.equal(await page.getByRole("dialog").count(), 0);
}

async function toEndpoint({ page, subject }) {
  const { data } = await subject.read("endpoints");
  const { method, path } = data.at(-1);
  await open({ page, subject });
  await page.keyboard.type(`${path} ${method}`);
  await eventually("the endpoint is offered", async () => (await options(page).count()) > 0);
  await options(page)
    .filter({ hasText: `${method} ${path}` })
    .first()
    .click();
  await page.getByRole("heading", { name: path, exact: true }).waitFor();
}

async function toConsumer({ page, subject }) {
  const { identifier, name } = (await subject.read("consumers")).data.find(one => one.identifier !== null);
  await open({ page, subject });
  await page.keyboard.type(identifier);
  await options(page)
    .filter({ hasText: name ?? identifier })
    .first()
    .click();
  await eventually("the page is narrowed", () => new URL(page.url()).searchParams.get("consumer") === identifier);
}

async function actions({ page, subject }) {
  await open({ page, subject });
  await page.keyboard.type("dark");
  await page.keyboard.press("Enter");
  await eventually("the theme", () => page.evaluate(() => document.documentElement.dataset.theme === "dark"));
  await page.keyboard.press("Control+k");
  await page.keyboard.type("7 days");
  await page.keyboard.press("Enter");
  await eventually("the range", () => new URL(page.url()).searchParams.get("range") === "7d");
}

async function arrows({ page, subject }) {
  await open({ page, subject });
  await eventually("all that there is has come", async () => {
    const before = await options(page).count();
    await page.waitForTimeout(500);
    return before === (await options(page).count());
  });
  const selected = () => page.locator(".palette-row[aria-selected=true]");
  const first = await selected().innerText();
  await page.keyboard.press("ArrowDown");
  await eventually("the next is chosen", async () => (await selected().innerText()) !== first);
  assert.equal(await selected().count(), 1);
  const field = page.getByRole("combobox", { name: "Search pages" });
  const active = await field.getAttribute("aria-activedescendant");
  assert.equal(await selected().getAttribute("id"), active, "the field says which one");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await eventually("above the first is the last", async () => {
    const all = await options(page).allInnerTexts();
    return (await selected().innerText()) === all.at(-1);
  });
  await page.keyboard.type("<b>no such thing</b>");
  await page.getByText("Nothing fits “<b>no such thing</b>”").waitFor();
  await page.keyboard.press("Escape");
  await eventually("Esc closes it", async () => (await page.getByRole("dialog").count()) === 0);
}

async function help({ page, subject }) {
  await page.goto(subject.page("traffic"));
  await page.locator(".endpoints tbody tr").first().waitFor();
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys of the keyboard" });
  await sheet.getByText("Next and previous row").waitFor();
  await page.keyboard.press("Escape");
  await eventually("Esc closes it", async () => (await sheet.count()) === 0);
  await page.keyboard.press("/");
  await page.keyboard.type("?");
  assert.equal(await page.getByRole("dialog").count(), 0, "a question mark that is typed is only typed");
}

export const tests = [
  { name: "keys typed right after the palette opens are not lost", run: atOnce },
  { name: "the palette leads to a page with the range", run: toPage },
  { name: "the palette leads to an endpoint", run: toEndpoint },
  { name: "the palette narrows the page to a consumer", run: toConsumer },
  { name: "the palette changes theme and range", run: actions },
  { name: "the palette is walked with the arrows and closed with Esc", run: arrows },
  { name: "? lists the keys", run: help },
];
