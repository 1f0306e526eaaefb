/** Draws stacked bars onto a uPlot canvas, which has none of its own. One bar fills its step, less a hairline. */
import type uPlot from "uplot";
import { resolveColor } from "../theme/theme";
import type { ChartModel } from "./model";

/** How visible a step is that is still being filled. */
const UNFINISHED_ALPHA = 0.55;
/** Bars narrower than this stand side by side: hairlines between them would only flicker. */
const BAR_APART_PX = 6;

export function drawStackedBars(plot: uPlot, model: ChartModel): void {
  const { ctx, bbox } = plot;
  const colors = model.series.map(series => resolveColor(series.color));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  model.slots.forEach((slot, index) => {
    const left = Math.round(plot.valToPos(slot.start, "x", true));
    const right = Math.max(left + 1, Math.round(plot.valToPos(slot.end, "x", true)));
    const gap =
      right - left > BAR_APART_PX * devicePixelRatio ? Math.min(3 * devicePixelRatio, (right - left) * 0.16) : 0;
    ctx.globalAlpha = model.asOf !== null && slot.end > model.asOf && slot.start <= model.asOf ? UNFINISHED_ALPHA : 1;
    let below = 0;
    model.series.forEach((series, at) => {
      const value = series.values[index] ?? 0;
      if (value <= 0) return;
      const bottom = plot.valToPos(below, "y", true);
      below += value;
      // Something above nothing is never invisible: a single error among thousands still shows as a line.
      const top = Math.min(plot.valToPos(below, "y", true), bottom - devicePixelRatio);
      ctx.fillStyle = colors[at] ?? "";
      ctx.fillRect(left + gap / 2, top, right - left - gap, bottom - top);
    });
  });
  ctx.restore();
}
