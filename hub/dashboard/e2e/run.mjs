/**
 * End-to-end tests in headless Chromium against a running hub: `SENDRY_E2E_URL=http://127.0.0.1:8600 npm run e2e [words of a name]`.
 *
 * The hub must log in by itself and hold at least one app that has reported; `SENDRY_E2E_APP` names it where there are several.
 * No test knows the data: each asks the API what the page must show. Any error in the console fails a test. Failures leave a
 * picture in `test-results/`.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as access from "./access.mjs";
import { launch, openPage } from "./browser.mjs";
import * as consumers from "./consumers.mjs";
import * as endpoint from "./endpoint.mjs";
import * as errors from "./errors.mjs";
import { findSubject } from "./hub.mjs";
import * as look from "./look.mjs";
import * as setup from "./setup.mjs";
import * as table from "./table.mjs";
import * as traffic from "./traffic.mjs";
import * as validation from "./validation.mjs";

const RESULTS = fileURLToPath(new URL("../test-results", import.meta.url));
const TEST_LIMIT_MS = 60_000;

async function limited(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`takes longer than ${TEST_LIMIT_MS / 1000} s`)), TEST_LIMIT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function runTest(browser, subject, { name, run, options }) {
  const opened = await openPage(browser, subject.url, options);
  try {
    await limited(run({ ...opened, subject, browser }));
    const errors = opened.errors.filter(error => !options?.expectedErrors?.test(error));
    if (errors.length > 0) throw new Error(`errors in the console:\n${errors.join("\n")}`);
    console.log(`  ok    ${name}`);
    return true;
  } catch (error) {
    console.log(`  FAIL  ${name}\n${String(error?.stack ?? error).replaceAll(/^/gm, "        ")}`);
    mkdirSync(RESULTS, { recursive: true });
    await opened.page.screenshot({ path: join(RESULTS, `${name.replaceAll(/\W+/g, "-")}.png`) }).catch(() => {});
    return false;
  } finally {
    await opened.context.close();
  }
}

const url = process.env.SENDRY_E2E_URL;
if (!url) {
  console.error("SENDRY_E2E_URL must name a running hub, such as http://127.0.0.1:8600");
  process.exit(2);
}
const words = process.argv.slice(2).join(" ");
const tests = [traffic, table, endpoint, errors, validation, consumers, setup, access, look]
  .flatMap(group => group.tests)
  .filter(test => test.name.includes(words));
const browser = await launch();
let passed = 0;
try {
  const subject = await findSubject(url, process.env.SENDRY_E2E_APP);
  for (const test of tests) passed += Number(await runTest(browser, subject, test));
} finally {
  await browser.close();
}
const failed = tests.length - passed;
console.log(`\nTests  ${passed} passed, ${failed} failed`);
process.exit(failed > 0 || tests.length === 0 ? 1 : 0);
