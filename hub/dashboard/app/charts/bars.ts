/** Draws stacked bars onto a uPlot canvas, which has none of its own. One bar fills its step, less a hairline. */
import type uPlot from "uplot";
import { resolveColor } from "../theme/theme";
import type { ChartModel } from "./model";

/** How visible a step is that is still being filled. */
const UNFINISHED_ALPHA = 0.55;

export function drawStackedBars(plot: uPlot, model: ChartModel): void {
  const { ctx, bbox } = plot;
  const colors = model.series.map(series => resolveColor(series.color));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  model.slots.forEach((slot, index) => {
    const left = plot.valToPos(slot.start, "x", true);
    const right = plot.valToPos(slot.end, "x", true);
    const gap =
      right - left > 5 * devicePixelRatio
        ? Math.max(1, Math.min(3, (right - left) * 0.16))
        : right - left > 2
          ? 0.5
          : 0;
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
      ctx.fillRect(left + gap / 2, top, Math.max(1, right - left - gap), bottom - top);
    });
  });
  ctx.restore();
}
