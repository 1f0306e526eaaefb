/** The keyboard alone: where the focus goes, that it is seen, that dialogs keep it and give it back; and that nothing has to move. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";
import { placesOf, visit } from "../harness/places.mjs";

/** What has the focus: how it is called, whether it is seen to have it, and where in the document it stands. */
const focused = page =>
  page.evaluate(() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const all = [...document.querySelectorAll("body *")];
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    return {
      name: one.getAttribute("aria-label") || one.textContent.trim() || one.title || one.tagName,
      place: all.indexOf(one),
      isSeen: (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none",
      isThere: box.width > 0 && box.height > 0,
      inDialog: one.closest("dialog") !== null,
    };
  });

const WALK_MAX = 60;

/** Walks with Tab until the focus leaves the page. */
async function walk(page) {
  const stops = [];
  for (let step = 0; step < WALK_MAX; step += 1) {
    await page.keyboard.press("Tab");
    const stop = await focused(page);
    if (stop === null) break;
    stops.push(stop);
  }
  return stops;
}

async function order({ page, subject }) {
  const names = ["apps", "traffic", "errors", "validation", "logs", "performance", "settings-app", "system"];
  for (const place of (await placesOf(subject)).filter(({ name }) => names.includes(name))) {
    await visit(page, place);
    const stops = await walk(page);
    assert.ok(stops.length >= 8, `${place.name} has only ${stops.length} stops`);
    for (const { name, isSeen, isThere } of stops) {
      assert.ok(isSeen, `${place.name}: nobody sees that ${name} has the focus`);
      assert.ok(isThere, `${place.name}: ${name} has the focus and is not there`);
    }
    const places = stops.map(stop => stop.place);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
      `${place.name}: the focus jumps`,
    );
  }
}

/** Tab and Shift-Tab stay inside; Esc closes and gives the focus back. */
async function keepsFocus(page, what, back) {
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  for (const key of [...Array(14).fill("Tab"), ...Array(4).fill("Shift+Tab")]) {
    await page.keyboard.press(key);
    const stop = await focused(page);
    // Between the last stop and the first the browser's own controls may have the focus.
    assert.ok(stop === null || stop.inDialog, `${what}: ${stop?.name} is behind the dialog`);
  }
  await page.keyboard.press("Escape");
  await eventually(`Esc closes ${what}`, async () => (await dialog.count()) === 0);
  await eventually(`${what} gives the focus back`, async () => (await focused(page))?.name === back);
}

async function drawers({ page, subject }) {
  for (const name of ["validation", "errors", "consumers"]) {
    await page.goto(subject.page(name));
    await page.locator("tbody tr").first().waitFor();
    await page.keyboard.press("j");
    const { name: row } = await focused(page);
    await page.keyboard.press("Enter");
    await keepsFocus(page, `the drawer of ${name}`, row);
  }
  await page.locator("tbody tr").nth(1).locator("td").last().click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  const second = await page.locator("tbody tr").nth(1).locator("a.endpoint-link").innerText();
  await eventually("a click on a row remembers it too", async () => (await focused(page))?.name === second);
}

async function forms({ page, subject }) {
  await page.goto(subject.page("traffic"));
  const menu = page
    .locator(".endpoints tbody tr")
    .first()
    .getByRole("button", { name: /^What to do/ });
  const title = await menu.getAttribute("title");
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  assert.equal((await focused(page)).name, "Apdex threshold…", "above the first entry is the last");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Apdex threshold" }).waitFor();
  await keepsFocus(page, "the form", title);
}

async function menus({ page, subject }) {
  await page.goto(subject.page("traffic"));
  await page.locator(".endpoints tbody tr").first().waitFor();
  const button = page.locator(".column-picker > button");
  await button.focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: "Columns" });
  await panel.waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await eventually("a column less", async () => (await page.locator("th.col-rate").count()) === 0);
  await page.keyboard.press("Escape");
  await eventually("Esc closes it", async () => (await panel.count()) === 0);
  assert.ok(await button.evaluate(one => one === document.activeElement), "the button has the focus again");
  await page.keyboard.press("Enter");
  await panel.waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await eventually("it closes when the focus goes elsewhere", async () => (await panel.count()) === 0);
}

async function still({ page, subject }) {
  await page.route("**/api/v1/overview*", () => {});
  await page.goto("/");
  await page.locator(".skeleton").first().waitFor();
  const moving = () => page.evaluate(() => document.getAnimations().length);
  assert.equal(await moving(), 0, "placeholders stand still");
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.goto(subject.page("logs", { from: "", to: "", range: "1h", live: "1" }));
  await page.locator(".live").waitFor();
  assert.equal(await moving(), 0, "the light of what is live stands still");
}

export const tests = [
  { name: "Tab walks each page in its order, and the focus is always seen", run: order, options: { limitSecs: 240 } },
  { name: "drawers keep the focus and give it back to their row", run: drawers },
  { name: "forms keep the focus and give it back", run: forms },
  { name: "menus are walked with the arrows and close when the focus leaves", run: menus },
  { name: "nothing moves for who asked for less motion", run: still, options: { reducedMotion: "reduce" } },
];
