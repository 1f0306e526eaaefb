import { describe, expect, test } from "vitest";
import type { TrafficStep } from "../api/model";
import { releasesOf } from "../api/releases";
import { placeGaps } from "./gaps";
import { linearTicks, logScale, logTicks, mergeBins } from "./histogram";
import { withMarkers } from "./markers";
import { minutesOf } from "./minutes";
import { plotData, valueTop } from "./plot";
import { withPrevious } from "./previous";
import { errorRates, percentiles, requestsByClass, requestsByCode, totalsByCode } from "./series";

type Counts = Record<string, number>;
const sumOf = (counts: Counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
const step = (start: number, by_status: Counts, expected_by_status: Counts = {}): TrafficStep => ({
  start,
  by_status,
  expected_by_status,
  expected_errors: sumOf(expected_by_status),
  requests: sumOf(by_status),
  request_bytes: 10,
  response_bytes: 20,
});
const answer = (data: TrafficStep[], to = 600) => ({
  range: { from: 0, to, step_secs: 60, tier: "1m" as const, tz: "UTC" },
  as_of: to,
  data,
});

describe("gaps", () => {
  const places = (starts: number[], from: number, to: number, step_secs: number | null) =>
    placeGaps(
      starts.map(start => ({ start })),
      { from, to, step_secs },
    ).map(slot => [slot.start, slot.end, slot.step !== null]);

  test("steps that are missing at the start, within and at the end become holes", () => {
    expect(places([60, 180], 0, 300, 60)).toEqual([
      [0, 60, false],
      [60, 120, true],
      [120, 180, false],
      [180, 240, true],
      [240, 300, false],
    ]);
  });

  test("an answer without steps is all holes", () => {
    expect(places([], 0, 180, 60)).toEqual([
      [0, 60, false],
      [60, 120, false],
      [120, 180, false],
    ]);
  });

  test("days of 23 and 25 hours leave no hole behind", () => {
    const hour = 3600;
    const starts = [0, 24 * hour, 47 * hour, 72 * hour];
    expect(places(starts, 0, 96 * hour, 24 * hour).every(([, , isThere]) => isThere)).toBe(true);
    expect(places(starts, 0, 96 * hour, 24 * hour)[1]).toEqual([24 * hour, 47 * hour, true]);
  });

  test("steps that begin before the range keep their own grid", () => {
    expect(places([-30, 90], -30, 150, 60)).toEqual([
      [-30, 30, true],
      [30, 90, false],
      [90, 150, true],
    ]);
  });

  test("a broken step width fills no memory", () => {
    expect(places([], 0, 1e9, 1)).toEqual([]);
    expect(places([], 0, 100, 0)).toEqual([]);
  });
});

const two = answer([step(60, { "200": 5, "404": 1 }), step(180, { "200": 2, "500": 1, "503": 1 })], 240);

describe("series", () => {
  test("by class: holes are null, classes without a request in a step are zero, unused classes are absent", () => {
    const model = requestsByClass(two);
    expect(model.series.map(one => one.label.slice(0, 3))).toEqual(["2xx", "4xx", "5xx"]);
    expect(model.series.map(one => one.values)).toEqual([
      [null, 5, null, 2],
      [null, 1, null, 0],
      [null, 0, null, 2],
    ]);
  });

  test("the tooltip has the exact count of every status, and none for a hole", () => {
    expect(
      requestsByClass(two)
        .rows(3)
        .map(row => [row.label, row.value]),
    ).toEqual([
      ["200", "2"],
      ["500", "1"],
      ["503", "1"],
      ["Total", "4"],
    ]);
    expect(requestsByClass(two).rows(0)).toEqual([]);
  });

  test("by code: codes of one class have colours of their own", () => {
    const colors = requestsByCode(two).series.map(one => one.color);
    expect(new Set(colors).size).toBe(4);
    expect(totalsByCode(two.data)[0]).toEqual(["200", 7]);
  });

  test("error rates are shares of the step's own requests", () => {
    expect(errorRates(two).series.map(one => one.values)).toEqual([
      [null, (1 / 6) * 100, null, 0],
      [null, 0, null, 50],
    ]);
  });

  test("what is expected is no error of the rates; the tooltip tells how many there were", () => {
    const model = errorRates(answer([step(0, { "200": 4, "404": 4, "500": 2 }, { "404": 3, "500": 2 })], 60));
    expect(model.series.map(one => one.values)).toEqual([[10], [0]]);
    expect(model.rows(0).map(row => [row.label, row.value])).toEqual([
      ["4xx", "10.0\u00a0% (1)"],
      ["5xx", "0\u00a0% (0)"],
      ["Expected, not counted", "5"],
      ["Requests", "10"],
    ]);
    expect(
      errorRates(two)
        .rows(1)
        .map(row => row.label),
    ).not.toContain("Expected, not counted");
  });

  test("percentiles keep their holes", () => {
    const latency = {
      ...two,
      data: [{ start: 120, requests: 1, apdex: 1, mean_ms: 1, max_ms: 2, p50_ms: 3, p75_ms: 4, p95_ms: 5, p99_ms: 6 }],
    };
    expect(percentiles(latency).series.map(one => one.values[2])).toEqual([3, 4, 5, 6]);
    expect(percentiles(latency).series[0]?.values).toEqual([null, null, 3, null]);
  });

  test("the axis holds the whole stack for bars, the highest line for lines", () => {
    expect(valueTop(requestsByClass(two))).toBeCloseTo(6 * 1.06);
    expect(valueTop(errorRates(two))).toBeCloseTo(50 * 1.06);
    expect(valueTop(requestsByClass(answer([])))).toBe(1);
  });

  test("a step is drawn at its middle, so that the nearest point is the step below the cursor", () => {
    expect(plotData(requestsByClass(two))[0]).toEqual([30, 90, 150, 210]);
  });
});

describe("the period before", () => {
  const shifted = (data: { start: number; requests: number }[]) =>
    requestsByClass({
      range: { from: -240, to: 0, step_secs: 60, tier: "1m" as const, tz: "UTC" },
      as_of: 0,
      data: data.map(({ start, requests }) => ({
        start,
        requests,
        by_status: { "200": requests },
      })),
    });

  test("lies at the same distance from the beginning, its holes stay holes", () => {
    const model = withPrevious(requestsByClass(two), shifted([{ start: -180, requests: 9 }]));
    expect(model.previous?.map(one => one.values)).toEqual([[null, 9, null, null]]);
    expect(model.rows(1).at(-1)).toMatchObject({ label: "Total before", value: "9" });
    expect(model.rows(0).map(row => row.label)).not.toContain("Total before");
  });

  test("is within the vertical axis", () => {
    expect(valueTop(withPrevious(requestsByClass(two), shifted([{ start: -60, requests: 99 }])))).toBeCloseTo(
      99 * 1.06,
    );
  });
});

describe("releases", () => {
  test("are the first start of each version after the one that was there before", () => {
    const started = (app_version: string | null, started_at: number | null) => ({ app_version, started_at });
    const all = [
      started("2", 90),
      started("1", 5),
      started("2", 70),
      started(null, 80),
      started("3", null),
      started("1", 99),
    ];
    expect(releasesOf(all)).toEqual([{ label: "2", at: 70 }]);
    expect(releasesOf([])).toEqual([]);
  });

  test("are named by the tooltip of their step, and left out where they lie outside", () => {
    const model = withMarkers(requestsByClass(two), [
      { at: 70, label: "2" },
      { at: 900, label: "3" },
    ]);
    expect(model.markers).toEqual([{ at: 70, label: "2" }]);
    expect(model.rows(1).at(-1)).toMatchObject({ label: "Release", value: "2" });
    expect(model.rows(2).map(row => row.label)).not.toContain("Release");
  });
});

describe("requests a minute are divided by", () => {
  const day = {
    range: { from: 0, to: 86_400, step_secs: 300, tier: "1m" as const, tz: "UTC" },
    as_of: 86_400,
    data: [],
  };
  const since = (first_report_at: number) => ({ first_report_at });

  test("the range up to the newest report", () => {
    expect(minutesOf(day, since(-5))).toBe(1440);
    expect(minutesOf({ ...day, as_of: 43_200 }, since(-5))).toBe(720);
  });

  test("the time since the first report where it lies within the range", () => {
    expect(minutesOf(day, since(86_400 - 600))).toBe(10);
    expect(minutesOf({ ...day, data: [{ start: 82_800 }] }, since(86_340))).toBe(60);
  });

  test("never less than a minute", () => {
    expect(minutesOf(day, since(86_399))).toBe(1);
  });
});

describe("the histogram", () => {
  const bucket = (index: number, count: number) => ({
    ge_ms: 2 ** ((index - 1) / 16),
    le_ms: 2 ** (index / 16),
    count,
  });

  test("merging loses no request", () => {
    const buckets = Array.from({ length: 200 }, (_, index) => bucket(index, index + 1));
    const total = (bins: { count: number }[]) => bins.reduce((sum, bin) => sum + bin.count, 0);
    for (const most of [8, 50, 100, 500]) {
      const bins = mergeBins(buckets, most);
      expect(total(bins)).toBe(total(buckets));
      expect(bins.length).toBeLessThanOrEqual(most + 1);
    }
    expect(mergeBins(buckets, 500)).toHaveLength(200);
  });

  test("a hole between buckets stays a hole", () => {
    expect(mergeBins([bucket(1, 5), bucket(33, 2)], 100)).toHaveLength(2);
  });

  test("the scale holds all bins and is at least a decade wide", () => {
    const scale = logScale([{ from: 99, to: 101, count: 1 }], 500);
    expect(scale.to / scale.from).toBeGreaterThan(10);
    expect(scale.at(scale.from)).toBeCloseTo(0);
    expect(scale.at(scale.to)).toBeCloseTo(500);
    expect(scale.at(99)).toBeGreaterThan(0);
  });

  test("ticks are round and inside", () => {
    const scale = logScale([{ from: 1, to: 1000, count: 1 }], 900);
    expect(logTicks(scale, 900)).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]);
    expect(logTicks(scale, 200)).toEqual([1, 10, 100, 1000]);
    expect(linearTicks(1)).toEqual([0, 1]);
    expect(linearTicks(340)).toEqual([0, 100, 200, 300]);
    expect(linearTicks(960)).toEqual([0, 250, 500, 750]);
    expect(linearTicks(7)).toEqual([0, 2, 4, 6]);
  });
});
