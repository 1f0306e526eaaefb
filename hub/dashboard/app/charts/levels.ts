/** Draws horizontal lines with their names onto a chart: thresholds. */
import type uPlot from "uplot";
import { resolveColor } from "../theme/theme";
import type { Level } from "./model";

const FONT_PX = 11;

export function drawLevels(plot: uPlot, levels: readonly Level[]): void {
  const { ctx, bbox } = plot;
  for (const { at, label, color } of levels) {
    const y = Math.round(plot.valToPos(at, "y", true)) + 0.5;
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.save();
    ctx.strokeStyle = resolveColor(color);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `600 ${FONT_PX * devicePixelRatio}px Inter, system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.fillStyle = resolveColor("var(--text-2)");
    const above = y - bbox.top > (FONT_PX + 6) * devicePixelRatio;
    ctx.fillText(label, bbox.left + 4 * devicePixelRatio, y + (above ? -4 : FONT_PX + 4) * devicePixelRatio);
    ctx.restore();
  }
}
