/** Both themes, a phone, and the contrast of every text colour. */
import assert from "node:assert/strict";
import { eventually } from "../harness/browser.mjs";
import { placesOf, visit } from "../harness/places.mjs";

const ground = page => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
const brightness = color =>
  color
    .match(/\d+/g)
    .slice(0, 3)
    .map(Number)
    .reduce((sum, part) => sum + part, 0) / 3;

async function themes({ page, subject }) {
  await page.goto(subject.page("traffic"));
  await page.locator(".chart canvas").first().waitFor();
  assert.ok(brightness(await ground(page)) > 200, "the system's choice is light");
  await page.getByRole("button", { name: "Theme: Dark" }).click();
  assert.ok(brightness(await ground(page)) < 50);
  await page.reload();
  await page.locator(".chart canvas").first().waitFor();
  assert.ok(brightness(await ground(page)) < 50, "the choice outlives a reload");
  await page.getByRole("button", { name: "Theme: As the system" }).click();
  assert.ok(brightness(await ground(page)) > 200);
}

/** Before any script has come there is something to see, in the reader's theme; afterwards nothing of it is left. */
async function shell({ page, subject }) {
  await page.addInitScript(() => localStorage.setItem("sendry.theme", "dark"));
  let release;
  const held = new Promise(done => {
    release = done;
  });
  await page.route("**/assets/*.js", async route => {
    await held;
    await route.continue();
  });
  await page.goto(subject.page("traffic"), { waitUntil: "commit" });
  await page.getByRole("img", { name: "Sendry is loading" }).waitFor();
  await eventually("it is painted", () =>
    page.evaluate(() => performance.getEntriesByName("first-contentful-paint").length > 0),
  );
  assert.ok(brightness(await ground(page)) < 50, "in the theme that was chosen");
  release();
  await page.locator(".chart canvas").first().waitFor();
  assert.equal(await page.getByRole("img", { name: "Sendry is loading" }).count(), 0);
  const asked = await page.evaluate(
    () => performance.getEntriesByType("resource").filter(one => one.name.endsWith("/api/v1/session")).length,
  );
  assert.equal(asked, 1, "who is there is asked once");
  await page.unrouteAll({ behavior: "wait" });
}

/** The page that is looked at is in view among the others. */
async function phoneRow({ page, subject }) {
  for (const address of [subject.page("resources"), "/settings/audit"]) {
    await page.goto(address);
    await page.locator('nav a[aria-current="page"]').waitFor();
    await eventually("it is within the screen", () =>
      page.evaluate(() => {
        const { left, right } = document.querySelector('nav a[aria-current="page"]').getBoundingClientRect();
        return left >= 0 && right <= innerWidth;
      }),
    );
  }
}

async function systemDark({ page, subject }) {
  await page.goto(subject.page("traffic"));
  await page.locator(".chart canvas").first().waitFor();
  assert.ok(brightness(await ground(page)) < 50);
}

/** WCAG's contrast of two colours as the browser resolves them. */
const contrasts = page =>
  page.evaluate(() => {
    const luminance = name => {
      const probe = document.createElement("span");
      probe.style.color = `var(${name})`;
      document.body.append(probe);
      const parts = getComputedStyle(probe)
        .color.match(/\d+/g)
        .slice(0, 3)
        .map(part => Number(part) / 255);
      probe.remove();
      const [r, g, b] = parts.map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a, b) =>
      (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);
    const pairs = (texts, grounds, least) =>
      texts.flatMap(text => grounds.map(under => ({ pair: `${text} on ${under}`, least, is: contrast(text, under) })));
    const grounds = ["--bg", "--surface"];
    return [
      ...pairs(["--text", "--text-2", "--text-3", "--accent", "--ok", "--warn", "--bad"], grounds, 4.5),
      ...pairs(["--text-3"], ["--surface-2"], 4.5),
      ...pairs(["--text"], ["--bad-soft"], 4.5),
      ...pairs(["--accent"], ["--accent-soft"], 4.5),
      ...pairs(["--on-accent"], ["--accent-solid"], 4.5),
      ...pairs(
        ["--p50", "--p75", "--p95", "--p99", "--bytes-in", "--bytes-out", "--status-5", "--status-3"],
        ["--surface"],
        3,
      ),
    ];
  });

async function contrast({ page }) {
  await page.goto("/");
  await page.getByRole("heading", { name: "Apps" }).waitFor();
  for (const theme of ["Light", "Dark"]) {
    await page.getByRole("button", { name: `Theme: ${theme}` }).click();
    const weak = (await contrasts(page)).filter(({ is, least }) => is < least);
    assert.deepEqual(weak, [], theme);
  }
}

async function phone({ page, subject }) {
  for (const place of await placesOf(subject)) {
    await visit(page, place);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${place.name} is ${width} wide`);
  }
}

/** Panels that buttons open. */
async function panels({ page, subject }) {
  await page.goto(subject.page("traffic"));
  await page.locator("tbody tr").first().waitFor();
  const { width, height } = page.viewportSize();
  for (const title of ["Time range", "Filter by consumer, method, path or status", "Columns"]) {
    await page.getByTitle(title, { exact: true }).first().click();
    const panel = page.getByRole("dialog", { name: title, exact: true });
    const box = await panel.boundingBox();
    const inside = box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
    assert.ok(inside, `${title} is at ${JSON.stringify(box)}`);
    const wider = await panel.evaluate(one => one.scrollWidth - one.clientWidth);
    assert.ok(wider <= 0, `what is in ${title} sticks out by ${wider}`);
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
  }
}

async function freshness({ page, subject }) {
  await page.goto(subject.page("traffic"));
  const line = await eventually("the freshness line", () => page.locator(".toolbar .freshness").innerText());
  assert.match(line.replaceAll(/\s+/g, " "), /last report .+, \d+ instance/i);
  await page.getByLabel("Auto-refresh").selectOption("off");
  await page.reload();
  assert.equal(await page.getByLabel("Auto-refresh").inputValue(), "off", "the choice outlives a reload");
}

async function autoRefresh({ page, subject }) {
  let asked = 0;
  page.on("request", request => {
    asked += Number(/\/traffic\?/.test(request.url()) && request.resourceType() === "fetch");
  });
  await page.clock.install();
  await page.goto(subject.page("traffic"));
  await eventually("the first question", () => asked >= 1);
  await page.locator(".card-value").first().waitFor();
  const before = asked;
  await page.clock.runFor(31_000);
  await eventually("a question every ten seconds", () => asked >= before + 3);
  await page.getByLabel("Auto-refresh").selectOption("off");
  await page.clock.runFor(1000);
  const after = asked;
  await page.clock.runFor(60_000);
  assert.equal(asked, after, "off means off");
}

const PHONE = { width: 390, height: 844 };

export const tests = [
  { name: "light and dark can be switched and are remembered", run: themes },
  { name: "something is on screen before the scripts are, in the theme that was chosen", run: shell },
  {
    name: "on a phone the page that is looked at is in view among the others",
    run: phoneRow,
    options: { viewport: PHONE },
  },
  { name: "the system's dark is followed", run: systemDark, options: { colorScheme: "dark" } },
  { name: "text contrast reaches WCAG AA in both themes", run: contrast },
  { name: "no page is wider than a phone", run: phone, options: { viewport: PHONE, limitSecs: 240 } },
  { name: "what buttons open lies within a phone's screen", run: panels, options: { viewport: PHONE } },
  { name: "what buttons open lies within a window", run: panels },
  { name: "the freshness line and the refresh choice", run: freshness },
  { name: "auto-refresh asks every ten seconds until it is off", run: autoRefresh },
];
