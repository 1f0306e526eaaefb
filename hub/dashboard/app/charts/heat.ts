/** The geometry of a heatmap of durations: rows of the API brought to pixels, and what a cell is worth. */
import type { Heatmap } from "../api/model";

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

/** Durations for the axis: about one for every `space` pixels, at the lower bounds of rows. */
export function heatTicks(heatmap: Heatmap, height: number, space = 34): { ms: number; y: number }[] {
  const { first, last } = rowsUsed(heatmap);
  const tall = height / (last - first + 1);
  const every = Math.max(1, Math.ceil(space / tall));
  return heatmap.rows
    .slice(first, last + 1)
    .flatMap(({ ge_ms }, place) => (place % every === 0 ? [{ ms: ge_ms, y: height - place * tall }] : []));
}
