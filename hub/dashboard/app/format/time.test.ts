import { expect, test } from "vitest";
import { ago, clockTime, dateTime, fromLocalInput, span, timeSpan, toLocalInput } from "./time";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

test("spans are rounded down to one unit", () => {
  expect([0, 59.9, 60, 3599, 3600, 86_400, 2 * 86_400].map(secs => plain(span(secs)))).toEqual([
    "0 s",
    "59 s",
    "1 min",
    "59 min",
    "1 h",
    "24 h",
    "2 d",
  ]);
});

test("a moment ahead of the clock is just now, never a negative span", () => {
  expect(ago(1000, 990)).toBe("just now");
  expect(plain(ago(1000, 1012))).toBe("12 s ago");
  expect(ago(null, 1000)).toBe("never");
});

test("a span within a day names the day once, a whole day only the day", () => {
  const noon = new Date(2026, 10, 21, 12, 0).getTime() / 1000;
  const midnight = new Date(2026, 10, 21).getTime() / 1000;
  expect(timeSpan(noon, noon + 300, noon)).toBe("21 Nov, 12:00 – 12:05");
  expect(timeSpan(noon, noon + 86_400 * 2, noon)).toBe("21 Nov, 12:00 – 23 Nov, 12:00");
  expect(timeSpan(midnight, midnight + 86_400, noon)).toBe("Sat 21 Nov");
});

test("the year is said where it is not this one", () => {
  const noon = new Date(2026, 10, 21, 12, 0).getTime() / 1000;
  const newYear = new Date(2027, 0, 2, 9, 0).getTime() / 1000;
  expect(dateTime(noon, newYear)).toBe("21 Nov 2026, 12:00");
  expect(timeSpan(noon, newYear, newYear)).toBe("21 Nov 2026, 12:00 – 2 Jan, 09:00");
  expect(clockTime(noon, newYear)).toMatch(/^21 Nov 2026 12:00/);
});

test("local inputs go there and back by the minute", () => {
  const secs = new Date(2026, 1, 3, 4, 5).getTime() / 1000;
  expect(toLocalInput(secs)).toBe("2026-02-03T04:05");
  expect(fromLocalInput(toLocalInput(secs))).toBe(secs);
  expect(fromLocalInput("")).toBeNull();
  expect(fromLocalInput("soon")).toBeNull();
});
