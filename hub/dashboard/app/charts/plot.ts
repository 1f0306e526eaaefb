/** The uPlot options of a time chart. Reads the model through `current`, so that a refresh needs new data and no new plot. */
import type uPlot from "uplot";
import { resolveColor } from "../theme/theme";
import { drawStackedBars } from "./bars";
import { drawLevels } from "./levels";
import { drawMarkers } from "./markers";
import type { ChartModel } from "./model";
import { drawPrevious } from "./previous";
import { TIME_STEPS, timeLabels } from "./timeAxis";

export interface PlotEvents {
  /** The cursor stands on a slot; null when it left. */
  onCursor: (slot: number | null, plot: uPlot) => void;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
}

const FONT = "500 11px Inter, system-ui, sans-serif";
/** Charts of a page share one cursor. */
const SYNC_KEY = "sendry";
const OVERLAY = "overlay";
const DRAG_MIN_PX = 6;
/** Half the width of a label of the time axis, less the padding beside the plot. */
const LABEL_HALF_PX = 16;

/** A label that would be cut at the edge is left out. */
function withinPlot(plot: uPlot, splits: readonly number[], labels: string[]): string[] {
  const width = plot.bbox.width / devicePixelRatio;
  return labels.map((label, index) => (plot.valToPos(splits[index] ?? 0, "x") > width - LABEL_HALF_PX ? "" : label));
}

/** The vertical axis starts at nothing and ends a little above the highest value. */
export function valueTop(model: ChartModel): number {
  let top = 0;
  for (let slot = 0; slot < model.slots.length; slot += 1) {
    const values = model.series.map(series => (series.overlay ? 0 : (series.values[slot] ?? 0)));
    top = Math.max(top, model.kind === "bars" ? values.reduce((sum, value) => sum + value, 0) : Math.max(0, ...values));
  }
  top = Math.max(top, ...(model.levels ?? []).map(level => level.at));
  top = Math.max(top, ...(model.previous ?? []).flatMap(({ values }) => values.map(value => value ?? 0)));
  return top > 0 ? top * 1.06 : 1;
}

/** Room above an overlay, so that it stays in the lower part, behind what is looked at. */
const OVERLAY_ROOM = 1.6;

function overlayTop(model: ChartModel): number {
  const values = model.series.flatMap(series => (series.overlay ? series.values.map(value => value ?? 0) : []));
  return Math.max(0, ...values) * OVERLAY_ROOM || 1;
}

/** Rows of uPlot: the middles of the slots, so that the nearest point is the slot below the cursor, then the series. */
export function plotData(model: ChartModel): uPlot.AlignedData {
  return [model.slots.map(slot => (slot.start + slot.end) / 2), ...model.series.map(series => series.values)];
}

/** A value between two holes has no line to be seen by: it gets a dot. */
function lonely(values: readonly (number | null | undefined)[]): number[] {
  return values.flatMap((value, index) =>
    value != null && values[index - 1] == null && values[index + 1] == null ? [index] : [],
  );
}

function seriesOptions(model: ChartModel): uPlot.Series[] {
  return model.series.map(({ label, color, width = 1.5, dash, filled, hidden, overlay }) => {
    if (model.kind === "bars") return { label, paths: () => null, points: { show: false } };
    if (hidden) return { label, stroke: "transparent", width: 0, points: { show: false } };
    return {
      label,
      width,
      ...(overlay && { scale: OVERLAY }),
      stroke: () => resolveColor(color),
      ...(dash?.length && { dash: [...dash] }),
      ...(filled && { fill: () => resolveColor(`color-mix(in srgb, ${color} 13%, transparent)`) }),
      points: {
        show: true,
        size: 4,
        fill: () => resolveColor(color),
        filter: (plot, index) => lonely((plot.data[index] ?? []) as (number | null)[]),
      },
    } satisfies uPlot.Series;
  });
}

/** Requests are counted whole: steps of 1, 2 and 5, and their multiples by ten. */
const WHOLE_STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map(step => step * 10 ** power)).flat();

const valuesSize = (_: uPlot, values: string[] | null) =>
  14 + 6.4 * Math.max(4, ...(values ?? []).map(value => value.length));

/** The axis of what is laid over the chart: no grid of its own. */
function overlayAxis(current: () => ChartModel): uPlot.Axis[] {
  if (!current().series.some(series => series.overlay)) return [];
  const format = (value: number) => current().formatOverlay?.(value) ?? current().format(value);
  return [
    {
      scale: OVERLAY,
      side: 1,
      font: FONT,
      stroke: () => resolveColor("var(--text-3)"),
      grid: { show: false },
      ticks: { show: false },
      border: { show: false },
      gap: 8,
      space: 36,
      size: valuesSize,
      values: (_, splits) => splits.map(value => (value == null ? "" : format(value))),
    },
  ];
}

function axes(current: () => ChartModel): uPlot.Axis[] {
  const shared = { font: FONT, stroke: () => resolveColor("var(--text-3)") };
  const grid = { stroke: () => resolveColor("var(--grid)"), width: 1 };
  return [
    {
      ...shared,
      grid: { show: false },
      ticks: { stroke: grid.stroke, width: 1, size: 4 },
      space: 64,
      incrs: TIME_STEPS,
      size: 24,
      gap: 6,
      values: (plot, splits, _, __, incr) => withinPlot(plot, splits, timeLabels(splits, incr)),
    },
    {
      ...shared,
      grid,
      ticks: { show: false },
      border: { show: false },
      gap: 8,
      space: 36,
      ...(current().kind === "bars" && { incrs: WHOLE_STEPS }),
      size: valuesSize,
      values: (_, splits) => splits.map(value => (value == null ? "" : current().format(value))),
    },
    ...overlayAxis(current),
  ];
}

function cursor(model: ChartModel, events: PlotEvents): uPlot.Cursor {
  const syncedKinds = new Set(["mousemove", "mouseleave"]);
  return {
    y: false,
    drag: { x: true, y: false, setScale: false, dist: DRAG_MIN_PX },
    points:
      model.kind === "bars"
        ? { show: false }
        : {
            size: (_, index) => (model.series[index - 1]?.hidden ? 0 : 7),
            width: (_, index) => (model.series[index - 1]?.hidden ? 0 : 1.5),
            stroke: () => resolveColor("var(--surface)"),
            fill: (_, index) => resolveColor(model.series[index - 1]?.color ?? ""),
          },
    sync: {
      key: SYNC_KEY,
      setSeries: false,
      filters: { pub: type => syncedKinds.has(type), sub: type => syncedKinds.has(type) },
    },
    bind: {
      dblclick: () => () => {
        events.onReset();
        return null;
      },
    },
  };
}

export function plotOptions(
  current: () => ChartModel,
  size: { width: number; height: number },
  events: PlotEvents,
): uPlot.Options {
  const model = current();
  return {
    ...size,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: cursor(model, events),
    scales: {
      x: { time: true, range: () => [current().from, current().to] },
      y: { range: () => [0, current().top ?? valueTop(current())] },
      [OVERLAY]: { range: () => [0, overlayTop(current())] },
    },
    bands: (model.bands ?? []).map(({ high, low, color }) => ({
      series: [high + 1, low + 1],
      fill: () => resolveColor(color),
    })),
    axes: axes(current),
    series: [{}, ...seriesOptions(model)],
    hooks: {
      draw: [
        plot => {
          if (model.kind === "bars") drawStackedBars(plot, current());
          drawPrevious(plot, current().previous ?? []);
          drawLevels(plot, current().levels ?? []);
          drawMarkers(plot, current().markers ?? []);
        },
      ],
      setCursor: [plot => events.onCursor(cursorSlot(plot), plot)],
      setSelect: [plot => zoomOf(plot, events)],
    },
  };
}

function cursorSlot(plot: uPlot): number | null {
  const { left, idx } = plot.cursor;
  return left == null || left < 0 || idx == null ? null : idx;
}

function zoomOf(plot: uPlot, events: PlotEvents): void {
  const { left, width } = plot.select;
  if (width < DRAG_MIN_PX) return;
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  events.onZoom(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
}
