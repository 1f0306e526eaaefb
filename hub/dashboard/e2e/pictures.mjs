/**
 * Pictures of every page in both themes at 1280 px, and on a phone: `SENDRY_E2E_URL=… npm run pictures [words of a name]`.
 * They go to `SENDRY_PICTURES`, or to `test-results/pictures`.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { launch, openPage } from "./harness/browser.mjs";
import { findSubject } from "./harness/hub.mjs";
import { placesOf, visit } from "./harness/places.mjs";

const SIZES = [
  { name: "", viewport: { width: 1280, height: 900 } },
  { name: "-phone", viewport: { width: 390, height: 844 } },
];

const folder = process.env.SENDRY_PICTURES ?? fileURLToPath(new URL("../test-results/pictures", import.meta.url));
const words = process.argv.slice(2).join(" ");
const subject = await findSubject(process.env.SENDRY_E2E_URL, process.env.SENDRY_E2E_APP);
const places = (await placesOf(subject)).filter(({ name }) => name.includes(words));
mkdirSync(folder, { recursive: true });
const browser = await launch();
try {
  for (const { name, viewport } of SIZES) {
    for (const colorScheme of ["light", "dark"]) {
      const { context, page } = await openPage(browser, subject, { viewport, colorScheme });
      for (const place of places) {
        await visit(page, place);
        await page.screenshot({
          path: join(folder, `${place.name}${name}-${colorScheme}.png`),
          animations: "disabled",
        });
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
console.log(`${places.length * SIZES.length * 2} pictures of ${places.length} pages are in ${folder}`);
