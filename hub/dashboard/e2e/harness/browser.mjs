/** Chromium without a window, and pages that remember their errors. */
import { existsSync } from "node:fs";
import process from "node:process";
import { chromium } from "playwright-core";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const WAIT_MS = 15_000;

function program() {
  if (process.env.SENDRY_E2E_CHROMIUM) return process.env.SENDRY_E2E_CHROMIUM;
  const places = (process.env.PATH ?? "").split(":").flatMap(dir => PROGRAMS.map(name => `${dir}/${name}`));
  const found = places.find(existsSync);
  if (!found) throw new Error("no Chromium in PATH: install it, or name it in SENDRY_E2E_CHROMIUM");
  return found;
}

export function launch() {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
  return chromium.launch({ executablePath: program(), args });
}

/** A page of somebody who is logged in with these cookies, or of nobody. */
export async function openPage(
  browser,
  { url, cookies = [] },
  { viewport = { width: 1280, height: 900 }, colorScheme = "light", reducedMotion, loggedOut = false } = {},
) {
  const context = await browser.newContext({
    baseURL: url,
    viewport,
    colorScheme,
    reducedMotion,
    timezoneId: "Europe/Berlin",
  });
  const pairs = loggedOut ? [] : cookies.map(one => one.split(/=(.*)/s));
  await context.addCookies(pairs.map(([name, value]) => ({ name, value, url })));
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const errors = [];
  page.on("console", message => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", error => errors.push(String(error)));
  return { context, page, errors };
}

/** Waits until `check` answers something true, and answers that. */
export async function eventually(what, check) {
  const end = Date.now() + WAIT_MS;
  let last;
  while (Date.now() < end) {
    last = await check();
    if (last) return last;
    await new Promise(done => setTimeout(done, 50));
  }
  throw new Error(`never came true: ${what} (last: ${JSON.stringify(last)})`);
}
