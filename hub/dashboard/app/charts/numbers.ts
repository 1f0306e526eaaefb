/** Charts as tables: the same numbers, step by step or bar by bar. */
import { duration, exact, percent } from "../format/numbers";
import { isoTime, timeSpan } from "../format/time";
import type { ChartTable } from "./ChartFrame";
import type { ChartModel } from "./model";

/** Holes are left out, as in the chart. */
export function numbersOf(model: ChartModel): ChartTable {
  const { series, slots, kind } = model;
  const show = (value: number | null | undefined, isOverlay = false) =>
    value == null
      ? ""
      : kind === "bars"
        ? exact(value)
        : isOverlay
          ? (model.formatOverlay ?? model.format)(value)
          : model.format(value);
  const rows = slots.flatMap(({ start, end }, slot) => {
    const values = series.map(one => one.values[slot] ?? null);
    if (values.every(value => value === null)) return [];
    return [
      {
        key: start,
        cells: [timeSpan(start, end), ...series.map(one => show(one.values[slot], one.overlay))],
        values: [isoTime(start), ...values],
      },
    ];
  });
  return { head: ["Time", ...series.map(one => one.label)], rows };
}

interface Bar {
  from: number;
  to: number;
  count: number;
}

/** The bars of a histogram. */
export function barsOf(bins: readonly Bar[], total: number, show: (value: number) => string = duration): ChartTable {
  return {
    head: ["From", "To", "Count", "Share"],
    rows: bins.map(({ from, to, count }) => ({
      key: from,
      cells: [show(from), show(to), exact(count), percent(count, total)],
      values: [from, to, count, total > 0 ? count / total : null],
    })),
  };
}
