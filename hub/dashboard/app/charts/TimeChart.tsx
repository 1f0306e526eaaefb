/** A time chart: draws a model, shows a tooltip, zooms by dragging, and shares its cursor with the other charts of the page. */
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useShownTheme } from "../theme/theme";
import { ChartFrame } from "./ChartFrame";
import { ChartTooltip, type Pointed } from "./ChartTooltip";
import { tellCursor, useSharedCursor } from "./cursor";
import { Legend } from "./Legend";
import type { ChartModel } from "./model";
import { numbersOf } from "./numbers";
import { type PlotEvents, plotData, plotOptions } from "./plot";
import { useWidth } from "./useWidth";

interface Props {
  model: ChartModel;
  /** What is drawn, for those who do not see it. */
  label: string;
  height?: number;
  /** Left out where something else beside the chart names its colours. */
  legend?: boolean;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  /** A click on a step, or Enter where the arrow keys stand: what is behind it. */
  onPick?: (from: number, to: number) => void;
}

/** A second click within this time means the reset, not the step. */
const DOUBLE_CLICK_MS = 260;

/** Two models of one structure need no new plot, only new data. */
const structureOf = (model: ChartModel) => `${model.kind}|${model.series.map(one => one.label + one.color).join("|")}`;

export function TimeChart({ model, label, height = 260, legend = true, onZoom, onReset, onPick }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const latest = useRef({ model, onZoom, onReset });
  latest.current = { model, onZoom, onReset };
  const structure = structureOf(model);
  const theme = useShownTheme();
  const sized = width > 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the width is followed below without a new plot
  useEffect(() => {
    if (!sized || !frame.current || structure === "") return;
    const events: PlotEvents = {
      onCursor: (slot, from) => {
        setPointed(slot === null ? null : pointedAt(from, latest.current.model, slot));
        tellCursor(from, slot === null ? null : (from.data[0]?.[slot] ?? null));
      },
      onZoom: (from, to) => latest.current.onZoom(from, to),
      onReset: () => latest.current.onReset(),
    };
    const made = new uPlot(
      plotOptions(() => latest.current.model, { width, height }, events),
      plotData(latest.current.model),
      frame.current,
    );
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
      setPointed(null);
    };
  }, [sized, structure, height]);

  useEffect(() => plot.current?.setData(plotData(model)), [model]);
  useEffect(() => (width > 0 ? plot.current?.setSize({ width, height }) : undefined), [width, height]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme draws the same data in other colours
  useEffect(() => plot.current?.redraw(false, true), [theme]);

  useSharedCursor(plot);

  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(waiting.current), []);
  const pick = (after: number) => {
    const slot = pointed && model.slots[pointed.slot];
    clearTimeout(waiting.current);
    if (!slot || !onPick || model.rows(pointed.slot).length === 0) return;
    waiting.current = setTimeout(() => onPick(slot.start, slot.end), after);
  };
  const empty = useMemo(() => model.series.every(one => one.values.every(value => value == null)), [model]);
  return (
    <ChartFrame
      label={label}
      table={() => numbersOf(model)}
      above={
        legend && <Legend series={model.series.filter(one => !one.hidden)} compared={model.previous !== undefined} />
      }
    >
      <div
        className="chart-frame"
        ref={frame}
        style={{ height }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys walk the steps
        tabIndex={0}
        role="img"
        aria-label={label}
        onClick={() => pick(DOUBLE_CLICK_MS)}
        onDoubleClick={() => clearTimeout(waiting.current)}
        onKeyDown={event => {
          walk(plot.current, event);
          if (event.key === "Enter") pick(0);
        }}
      >
        {pointed && <ChartTooltip pointed={pointed} model={model} width={width} leads={onPick !== undefined} />}
        {empty && <p className="chart-empty">{model.nothing ?? "No requests in this range"}</p>}
      </div>
    </ChartFrame>
  );
}

function pointedAt(plot: uPlot, model: ChartModel, slot: number): Pointed | null {
  const step = model.slots[slot];
  if (!step) return null;
  const offset = plot.bbox.left / devicePixelRatio;
  const left = offset + Math.max(0, plot.valToPos(step.start, "x"));
  const right = offset + Math.min(plot.bbox.width / devicePixelRatio, plot.valToPos(step.end, "x"));
  return { slot, left, right, top: plot.bbox.top / devicePixelRatio, height: plot.bbox.height / devicePixelRatio };
}

/** Moves the cursor by one step. */
function walk(plot: uPlot | null, event: React.KeyboardEvent): void {
  if (!plot || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
  event.preventDefault();
  const last = (plot.data[0]?.length ?? 1) - 1;
  const next = Math.min(last, Math.max(0, (plot.cursor.idx ?? last + 1) + (event.key === "ArrowLeft" ? -1 : 1)));
  plot.setCursor({ left: plot.valToPos(plot.data[0]?.[next] ?? 0, "x"), top: 10 });
}
