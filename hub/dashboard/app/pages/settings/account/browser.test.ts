import { expect, test } from "vitest";
import { browserOf } from "./browser";

test("a browser is known by name and system", () => {
  const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36";
  expect(browserOf(chrome)).toBe("Chrome on Linux");
  expect(browserOf(`${chrome} Edg/131.0`)).toBe("Edge on Linux");
  expect(browserOf("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.1) Gecko/20100101 Firefox/128.0")).toBe(
    "Firefox on macOS",
  );
});

test("what is not known is shown as it is, not longer than fits", () => {
  expect(browserOf(null)).toBe("Unknown browser");
  expect(browserOf("x".repeat(200))).toHaveLength(40);
});
