/** Moments that explain what a chart shows, such as a release: a line with its name at the top. */
import type uPlot from "uplot";
import { resolveColor } from "../theme/theme";
import type { ChartModel, Marker } from "./model";

/** The chart with the markers that lie within it; the tooltip names those of its step. */
export function withMarkers(model: ChartModel, all: readonly Marker[]): ChartModel {
  const markers = all.filter(({ at }) => at >= model.from && at < model.to);
  if (markers.length === 0) return model;
  const rows = (slot: number) => {
    const step = model.slots[slot];
    const within = markers.filter(({ at }) => step !== undefined && at >= step.start && at < step.end);
    return [
      ...model.rows(slot),
      ...within.map(({ label }) => ({ label: "Release", value: label, color: "var(--accent)" })),
    ];
  };
  return { ...model, markers, rows };
}

const FONT_PX = 10.5;
const PADDING_PX = 4;

/**
 * A name stands to the right of its line, or to the left where the next line is too near. Names that would cover the one before
 * are left out; the tooltip still has them.
 */
export function drawMarkers(plot: uPlot, markers: readonly Marker[]): void {
  const { ctx, bbox } = plot;
  const px = devicePixelRatio;
  ctx.save();
  ctx.font = `600 ${FONT_PX * px}px Inter, system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const accent = resolveColor("var(--accent)");
  let free = bbox.left;
  markers.forEach(({ at, label }, place) => {
    const x = Math.round(plot.valToPos(at, "x", true)) + 0.5;
    ctx.strokeStyle = accent;
    ctx.lineWidth = px;
    ctx.setLineDash([px, 2 * px]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(label).width + 2 * PADDING_PX * px;
    const after = markers[place + 1];
    const next = after ? plot.valToPos(after.at, "x", true) : bbox.left + bbox.width;
    const left = x + width > next ? x - width : x;
    if (left < free) return;
    free = Math.max(x, left + width + PADDING_PX * px);
    ctx.fillStyle = resolveColor("var(--accent-soft)");
    ctx.fillRect(left, bbox.top, width, (FONT_PX + 2 * PADDING_PX) * px);
    ctx.fillStyle = accent;
    ctx.fillText(label, left + PADDING_PX * px, bbox.top + ((FONT_PX + 2 * PADDING_PX) / 2) * px);
  });
  ctx.restore();
}
