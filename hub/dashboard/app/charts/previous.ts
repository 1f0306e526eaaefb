/** The period before, laid over a chart: as dashed lines, step by step at the same distance from the beginning. */
import type uPlot from "uplot";
import { resolveColor } from "../theme/theme";
import type { ChartModel, PreviousSeries } from "./model";

/** Stacked bars are compared as a whole. */
const TOTAL_COLOR = "var(--text-2)";

/** The series that tell most, where a chart has more than can be compared. */
const COMPARED = new Set(["p50", "p95"]);

function comparedSeries(before: ChartModel): PreviousSeries[] {
  if (before.kind === "bars") {
    const totals = before.slots.map((_, slot) => {
      const values = before.series.flatMap(series => series.values[slot] ?? []);
      return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) : null;
    });
    return [{ label: "Total", color: TOTAL_COLOR, values: totals }];
  }
  const chosen = before.series.filter(series => COMPARED.has(series.label));
  return (chosen.length > 0 ? chosen : before.series).map(({ label, color, values }) => ({ label, color, values }));
}

/** The chart with the one of the period before laid over it. Both have steps of one width. */
export function withPrevious(model: ChartModel, before: ChartModel): ChartModel {
  const first = before.slots[0];
  if (first === undefined) return model;
  const width = first.end - first.start;
  const shift = model.from - before.from;
  const placeOf = (start: number) => Math.round((start - shift - first.start) / width);
  const previous = comparedSeries(before).map(series => ({
    ...series,
    values: model.slots.map(slot => series.values[placeOf(slot.start)] ?? null),
  }));
  const rows = (slot: number) => [
    ...model.rows(slot),
    ...previous.flatMap(({ label, color, values }) => {
      const value = values[slot];
      return value == null ? [] : [{ label: `${label} before`, value: model.format(value), color }];
    }),
  ];
  return { ...model, previous, rows };
}

export function drawPrevious(plot: uPlot, previous: readonly PreviousSeries[]): void {
  const { ctx, bbox } = plot;
  const middles = plot.data[0] ?? [];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { color, values } of previous) {
    ctx.strokeStyle = resolveColor(color);
    ctx.beginPath();
    values.forEach((value, slot) => {
      if (value == null) return;
      const [x, y] = [plot.valToPos(middles[slot] ?? 0, "x", true), plot.valToPos(value, "y", true)];
      // A hole ends the line: nothing was measured there.
      if (values[slot - 1] == null) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    });
    ctx.stroke();
  }
  ctx.restore();
}
