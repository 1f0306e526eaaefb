/**
 * End-to-end tests in headless Chromium against a running hub: `SENDRY_E2E_URL=http://127.0.0.1:8600 npm run e2e [words of a name]`.
 *
 * `SENDRY_E2E_EMAIL` and `SENDRY_E2E_PASSWORD` are an admin's; without them the hub must log in by itself. It must hold at least
 * one app that has reported; `SENDRY_E2E_APP` names it where there are several.
 * No test knows the data: each asks the API what the page must show. Any error in the console fails a test. Failures leave a
 * picture in `test-results/`.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { launch, openPage } from "./harness/browser.mjs";
import { findSubject } from "./harness/hub.mjs";
import * as charts from "./pages/charts.mjs";
import * as compare from "./pages/compare.mjs";
import * as consumers from "./pages/consumers.mjs";
import * as endpoint from "./pages/endpoint.mjs";
import * as errors from "./pages/errors.mjs";
import * as exports from "./pages/exports.mjs";
import * as logs from "./pages/logs.mjs";
import * as performance from "./pages/performance.mjs";
import * as resources from "./pages/resources.mjs";
import * as settings from "./pages/settings.mjs";
import * as setup from "./pages/setup.mjs";
import * as system from "./pages/system.mjs";
import * as table from "./pages/table.mjs";
import * as traffic from "./pages/traffic.mjs";
import * as validation from "./pages/validation.mjs";
import * as views from "./pages/views.mjs";
import * as access from "./whole/access.mjs";
import * as accessibility from "./whole/accessibility.mjs";
import * as focus from "./whole/focus.mjs";
import * as hostile from "./whole/hostile.mjs";
import * as keyboard from "./whole/keyboard.mjs";
import * as look from "./whole/look.mjs";
import * as question from "./whole/question.mjs";
import * as roles from "./whole/roles.mjs";

const RESULTS = fileURLToPath(new URL("../test-results", import.meta.url));
const TEST_LIMIT_SECS = 60;

async function limited(work, secs = TEST_LIMIT_SECS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`takes longer than ${secs} s`)), secs * 1000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function runTest(browser, subject, { name, run, options }) {
  const opened = await openPage(browser, subject, options);
  try {
    await limited(run({ ...opened, subject, browser }), options?.limitSecs);
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
const GROUPS = [
  traffic,
  charts,
  compare,
  table,
  endpoint,
  errors,
  validation,
  consumers,
  logs,
  exports,
  performance,
  resources,
  setup,
  settings,
  system,
  views,
  question,
  access,
  roles,
  hostile,
  accessibility,
  focus,
  keyboard,
  look,
];
const tests = GROUPS.flatMap(group => group.tests).filter(test => test.name.includes(words));
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
