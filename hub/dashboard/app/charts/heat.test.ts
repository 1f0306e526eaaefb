import { expect, test } from "vitest";
import type { Heatmap } from "../api/model";
import { cellsOf, draggedSpan, heatNumbers, heatTicks, pointedAt, rowsUsed, shareOf, timeTicks } from "./heat";

const heatmap: Heatmap = {
  range: { from: 0, to: 400, step_secs: 100, tier: "1m", tz: "UTC" },
  as_of: null,
  rows: [1, 2, 4, 8, 16].map(ge_ms => ({ ge_ms, le_ms: ge_ms * 2 })),
  data: [
    { start: 0, counts: [0, 3, 0, 0, 0] },
    { start: 300, counts: [0, 0, 1, 9, 0] },
  ],
};
const plot = { width: 400, height: 300 };

test("empty rows at both ends are left out, and every cell has its place", () => {
  expect(rowsUsed(heatmap)).toEqual({ first: 1, last: 3 });
  expect(
    cellsOf(heatmap, plot).map(({ left, top, width, height, count }) => [left, top, width, height, count]),
  ).toEqual([
    [0, 200, 100, 100, 3],
    [300, 100, 100, 100, 1],
    [300, 0, 100, 100, 9],
  ]);
});

test("a point tells its step and durations, and a hole is no zero", () => {
  expect(pointedAt(heatmap, plot, { x: 350, y: 10 })).toEqual({ start: 300, end: 400, ge_ms: 8, le_ms: 16, count: 9 });
  expect(pointedAt(heatmap, plot, { x: 350, y: 290 })).toMatchObject({ ge_ms: 2, count: 0 });
  expect(pointedAt(heatmap, plot, { x: 150, y: 10 })).toBeNull();
});

test("shades follow the logarithm: one request among thousands is still seen", () => {
  expect(shareOf(0, 5000)).toBe(0);
  expect(shareOf(1, 5000)).toBeGreaterThan(0.05);
  expect(shareOf(5000, 5000)).toBe(1);
});

test("the axis names round durations at their place between the rows", () => {
  expect(heatTicks(heatmap, 300).map(tick => tick.ms)).toEqual([2, 5, 10]);
  expect(heatTicks(heatmap, 40).map(tick => tick.ms)).toEqual([10]);
  const [two, five] = heatTicks(heatmap, 300).map(tick => tick.y);
  expect(two).toBeCloseTo(300);
  expect(five).toBeCloseTo(300 - (Math.log2(2.5) / 3) * 300);
});

test("the time axis names round moments that are far enough apart", () => {
  const hours = { ...heatmap, range: { ...heatmap.range, from: 600, to: 600 + 3 * 3600 } };
  expect(timeTicks(hours, 400).map(tick => tick.secs)).toEqual([3600, 7200, 10_800]);
});

test("a drag looks at its span of time, a twitch does not", () => {
  expect(draggedSpan(heatmap, 400, 300, 100)).toEqual({ from: 100, to: 300 });
  expect(draggedSpan(heatmap, 400, 390, 500)).toEqual({ from: 390, to: 400 });
  expect(draggedSpan(heatmap, 400, 100, 103)).toBeNull();
});

test("the numbers of a heatmap are its cells that hold something", () => {
  expect(heatNumbers(heatmap).rows.map(row => row.values.slice(1))).toEqual([
    [2, 4, 3],
    [4, 8, 1],
    [8, 16, 9],
  ]);
});

test("an answer without requests draws nothing", () => {
  const empty = { ...heatmap, rows: [], data: [] };
  expect(cellsOf(empty, plot)).toEqual([]);
  expect(pointedAt(empty, plot, { x: 1, y: 1 })).toBeNull();
});
