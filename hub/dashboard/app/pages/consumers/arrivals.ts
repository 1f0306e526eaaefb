/** When the consumers of a range were seen for the first time. */
import type { Consumer, Range } from "../../api/model";
import { placeGaps } from "../../charts/gaps";
import type { ChartModel } from "../../charts/model";
import { count, exact } from "../../format/numbers";
import { isNew } from "./groups";

/** Bars of the chart, at about the most. */
const BARS = 48;
const STEPS = [60, 300, 900, 1800, 3600, 7200, 21_600, 86_400];

export function arrivals(rows: readonly Consumer[], range: Range): ChartModel {
  const span = range.to - range.from;
  const width = STEPS.find(step => span / step <= BARS) ?? 86_400;
  const counts = new Map<number, number>();
  for (const row of rows) {
    if (!isNew(row, range)) continue;
    const start = range.from + Math.floor((row.first_seen_at - range.from) / width) * width;
    counts.set(start, (counts.get(start) ?? 0) + 1);
  }
  const steps = Array.from({ length: Math.ceil(span / width) }, (_, place) => {
    const start = range.from + place * width;
    return { start, arrived: counts.get(start) ?? 0 };
  });
  const slots = placeGaps(steps, { ...range, step_secs: width });
  const series = [{ label: "New", color: "var(--accent)", values: slots.map(({ step }) => step?.arrived ?? null) }];
  return {
    kind: "bars",
    from: range.from,
    to: range.to,
    slots,
    asOf: null,
    series,
    format: count,
    rows: slot => [{ label: "New consumers", value: exact(slots[slot]?.step?.arrived ?? 0), color: "var(--accent)" }],
  };
}
