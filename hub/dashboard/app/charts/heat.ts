/** The geometry of a heatmap of durations: rows of the API brought to pixels, and what a cell is worth. */
import type { Heatmap } from "../api/model";
import { duration, exact } from "../format/numbers";
import { isoTime, timeSpan } from "../format/time";
import type { ChartTable } from "./ChartFrame";
import { logTicks } from "./histogram";
import { TIME_STEPS, timeLabels } from "./timeAxis";

export interface Cell {
  /** Pixels of the plot. */
  left: number;
  top: number;
  width: number;
  height: number;
  count: number;
  /** From 0, nothing, to 1, the fullest cell. */
  share: number;
}

export interface HeatPlot {
  width: number;
  height: number;
}

/** Empty rows at both ends are left out. */
export function rowsUsed({ rows, data }: Pick<Heatmap, "rows" | "data">): { first: number; last: number } {
  const used = rows.flatMap((_, row) => (data.some(column => (column.counts[row] ?? 0) > 0) ? [row] : []));
  return { first: used[0] ?? 0, last: used.at(-1) ?? Math.max(0, rows.length - 1) };
}

/** The width of a step; the last one where the API does not say. */
const stepOf = ({ range, data }: Heatmap) =>
  range.step_secs ?? (data.length > 1 ? (data[1]?.start ?? 0) - (data[0]?.start ?? 0) : range.to - range.from);

/** Counts differ by orders of magnitude: a cell's share is that of the logarithms. */
export const shareOf = (count: number, top: number) =>
  count <= 0 ? 0 : Math.log1p(count) / Math.log1p(Math.max(1, top));

export function cellsOf(heatmap: Heatmap, { width, height }: HeatPlot): Cell[] {
  const { range, data } = heatmap;
  const { first, last } = rowsUsed(heatmap);
  const tall = height / (last - first + 1);
  const x = (secs: number) => ((secs - range.from) / (range.to - range.from)) * width;
  const top = Math.max(1, ...data.flatMap(column => column.counts));
  const step = stepOf(heatmap);
  return data.flatMap(({ start, counts }) => {
    const left = Math.max(0, x(start));
    const right = Math.min(width, x(start + step));
    return counts.flatMap((count, row) =>
      count > 0 && row >= first && row <= last
        ? [
            {
              left,
              top: height - (row - first + 1) * tall,
              width: right - left,
              height: tall,
              count,
              share: shareOf(count, top),
            },
          ]
        : [],
    );
  });
}

export interface Pointed {
  start: number;
  end: number;
  ge_ms: number;
  le_ms: number;
  count: number;
}

/** What stands at a point of the plot; null where nothing was measured. */
export function pointedAt(heatmap: Heatmap, plot: HeatPlot, at: { x: number; y: number }): Pointed | null {
  const { range, data, rows } = heatmap;
  const { first, last } = rowsUsed(heatmap);
  const step = stepOf(heatmap);
  const secs = range.from + (at.x / plot.width) * (range.to - range.from);
  const row = first + Math.floor(((plot.height - at.y) / plot.height) * (last - first + 1));
  const column = data.find(one => one.start <= secs && secs < one.start + step);
  const bounds = rows[row];
  if (!column || !bounds) return null;
  return { start: column.start, end: column.start + step, ...bounds, count: column.counts[row] ?? 0 };
}

/** Round durations for the axis, about one for every `space` pixels: rows are of one ratio, so their axis is logarithmic. */
export function heatTicks(heatmap: Heatmap, height: number, space = 34): { ms: number; y: number }[] {
  const { first, last } = rowsUsed(heatmap);
  const [low, high] = [heatmap.rows[first]?.ge_ms, heatmap.rows[last]?.le_ms];
  if (low === undefined || high === undefined || low <= 0) return [];
  const at = (ms: number) => (Math.log(ms / low) / Math.log(high / low)) * height;
  return logTicks({ from: low, to: high, at }, height, space).map(ms => ({ ms, y: height - at(ms) }));
}

/** A label that would be cut at the edge is left out. */
const LABEL_HALF_PX = 18;

/** Round moments for the axis, at least `space` pixels apart, in the reader's time zone. */
export function timeTicks(
  { range: { from, to } }: Heatmap,
  width: number,
  space = 84,
): { secs: number; label: string }[] {
  const step = TIME_STEPS.find(one => (one / (to - from)) * width >= space) ?? TIME_STEPS.at(-1) ?? to - from;
  const offset = new Date(from * 1000).getTimezoneOffset() * 60;
  const first = Math.ceil((from - offset) / step) * step + offset;
  const moments = Array.from(
    { length: Math.max(0, Math.floor((to - first) / step) + 1) },
    (_, place) => first + place * step,
  );
  const labels = timeLabels(moments, step);
  const fits = ({ secs }: { secs: number }) => ((to - secs) / (to - from)) * width >= LABEL_HALF_PX;
  return moments.map((secs, place) => ({ secs, label: labels[place] ?? "" })).filter(fits);
}

/** Every cell that holds something, as a table. */
export function heatNumbers(heatmap: Heatmap): ChartTable {
  const step = stepOf(heatmap);
  const rows = heatmap.data.flatMap(({ start, counts }) =>
    counts.flatMap((count, row) => {
      const bounds = heatmap.rows[row];
      if (count === 0 || !bounds) return [];
      const { ge_ms, le_ms } = bounds;
      return [
        {
          key: `${start} ${row}`,
          cells: [timeSpan(start, start + step), duration(ge_ms), duration(le_ms), exact(count)],
          values: [isoTime(start), ge_ms, le_ms, count],
        },
      ];
    }),
  );
  return { head: ["Time", "From", "To", "Requests"], rows };
}

/** A span of time that was dragged over the plot; null where it is too short to be meant. */
export function draggedSpan({ range }: Heatmap, width: number, from: number, to: number, least = 6) {
  if (Math.abs(to - from) < least) return null;
  const secs = (x: number) => range.from + (Math.min(width, Math.max(0, x)) / width) * (range.to - range.from);
  return { from: secs(Math.min(from, to)), to: secs(Math.max(from, to)) };
}
