import { describe, expect, test } from "vitest";
import { apdex, bytes, count, duration, exact, NOTHING, percent, rate, significant } from "./numbers";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

test("what is not known is a dash in every format", () => {
  for (const show of [exact, count, bytes, duration, apdex, rate]) {
    expect(show(null)).toBe(NOTHING);
    expect(show(undefined)).toBe(NOTHING);
  }
  expect(duration(Number.NaN)).toBe(NOTHING);
  expect(percent(0, 0)).toBe(NOTHING);
});

test("counts are exact below ten thousand and short above", () => {
  expect([0, 9999, 10_000, 12_345, 999_499, 999_960, 1_234_567, 2_500_000_000].map(count)).toEqual([
    "0",
    "9,999",
    "10k",
    "12.3k",
    "999k",
    "1M",
    "1.23M",
    "2.5G",
  ]);
  expect(exact(1_234_567)).toBe("1,234,567");
});

test("three digits are significant, without trailing zeros", () => {
  expect([0, 1.5, 9.994, 9.996, 12.34, 99.96, 123.4].map(significant)).toEqual([
    "0",
    "1.5",
    "9.99",
    "10",
    "12.3",
    "100",
    "123",
  ]);
});

test("durations change their unit where people would", () => {
  const shown = [0, 0.005, 0.42, 9, 181.6, 999.4, 999.6, 1240, 59_940, 150_000].map(ms => plain(duration(ms)));
  expect(shown).toEqual(["0 ms", "5 µs", "0.42 ms", "9 ms", "182 ms", "999 ms", "1 s", "1.24 s", "59.9 s", "2.5 min"]);
});

test("bytes are decimal", () => {
  expect([0, 999, 1000, 1_536_000, 5e12].map(size => plain(bytes(size)))).toEqual([
    "0 B",
    "999 B",
    "1 kB",
    "1.54 MB",
    "5 TB",
  ]);
});

describe("percentages", () => {
  test("some is never shown as none, and not all never as all", () => {
    expect(plain(percent(1, 10_000_000))).toBe("<0.01 %");
    expect(plain(percent(9_999_999, 10_000_000))).toBe(">99.99 %");
  });
  test("keep the digits that matter", () => {
    const shown = [
      [0, 7],
      [7, 7],
      [1, 40],
      [1, 8],
      [999, 1000],
      [9997, 10_000],
    ] as const;
    expect(shown.map(([part, total]) => plain(percent(part, total)))).toEqual([
      "0 %",
      "100 %",
      "2.50 %",
      "12.5 %",
      "99.9 %",
      "99.97 %",
    ]);
  });
});

test("a rate above nothing is never shown as nothing", () => {
  expect([0, 0.004, 0.05, 61.24, 1434.4, 12_000].map(rate)).toEqual(["0", "<0.01", "0.05", "61.2", "1,434", "12k"]);
});

test("Apdex has two decimals", () => {
  expect([0, 0.945, 1].map(apdex)).toEqual(["0.00", "0.94", "1.00"]);
});
