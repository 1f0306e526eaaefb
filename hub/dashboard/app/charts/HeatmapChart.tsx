/**
 * How many requests took how long, over time: the darker, the more. A click leads to the requests of a cell, a drag looks
 * closer, and the moment pointed at is shared with the other charts of the page.
 */
import { useEffect, useRef, useState } from "react";
import type { Heatmap } from "../api/model";
import { duration, exact } from "../format/numbers";
import { timeSpan } from "../format/time";
import { resolveColor, useShownTheme } from "../theme/theme";
import { ChartFrame } from "./ChartFrame";
import { pointAll, usePointedMoment } from "./cursor";
import { cellsOf, draggedSpan, heatNumbers, heatTicks, type Pointed, pointedAt, timeTicks } from "./heat";
import { useWidth } from "./useWidth";

const HEIGHT = 240;
const LEFT = 58;
const BOTTOM = 24;
const PLOT_HEIGHT = HEIGHT - BOTTOM;
/** The palest cell is still seen. */
const PALEST = 0.12;
/** Cells larger than this have a hairline between them. */
const APART_PX = 8;

interface Props {
  heatmap: Heatmap;
  label: string;
  onPick: (cell: Pointed) => void;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
}

export function HeatmapChart({ heatmap, label, onPick, onZoom, onReset }: Props) {
  const [frame, width] = useWidth<HTMLElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const moment = usePointedMoment();
  const theme = useShownTheme();
  const { from, to } = heatmap.range;
  const plot = { width: Math.max(0, width - LEFT), height: PLOT_HEIGHT };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme draws the same cells in other colours
  useEffect(() => {
    if (canvas.current && width > LEFT) draw(canvas.current, heatmap, width - LEFT);
  }, [heatmap, width, theme]);
  const placeOf = (event: React.PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const move = (event: React.PointerEvent) => {
    const place = placeOf(event);
    setPointed(pointedAt(heatmap, plot, place));
    pointAll(from + (place.x / plot.width) * (to - from));
    if (drag) setDrag({ ...drag, to: place.x });
  };
  const leave = () => {
    setPointed(null);
    pointAll(null);
  };
  const release = (event: React.PointerEvent) => {
    const span = drag && draggedSpan(heatmap, plot.width, drag.from, placeOf(event).x);
    setDrag(null);
    if (span) onZoom(span.from, span.to);
    else if (pointed && pointed.count > 0) onPick(pointed);
  };
  const xOf = (secs: number) => ((secs - from) / (to - from)) * plot.width;
  return (
    <ChartFrame label={label} className="heatmap" frame={frame} table={() => heatNumbers(heatmap)}>
      <p className="histogram-reading" aria-live="polite">
        {pointed ? reading(pointed) : "The stronger the colour, the more requests; a click leads to them"}
      </p>
      {width > LEFT && (
        <div className="heatmap-plot" style={{ height: HEIGHT }}>
          {heatTicks(heatmap, PLOT_HEIGHT).map(({ ms, y }) => (
            <span key={ms} className="heatmap-ms" style={{ top: y - 8, width: LEFT - 8 }}>
              {duration(ms)}
            </span>
          ))}
          <canvas
            ref={canvas}
            role="img"
            aria-label={label}
            style={{ left: LEFT, width: plot.width, height: PLOT_HEIGHT }}
            onPointerDown={event => {
              event.currentTarget.setPointerCapture(event.pointerId);
              const { x } = placeOf(event);
              setDrag({ from: x, to: x });
            }}
            onPointerMove={move}
            onPointerUp={release}
            onPointerLeave={leave}
            onDoubleClick={onReset}
          />
          {drag && (
            <i
              className="heatmap-drag"
              style={{
                left: LEFT + Math.min(drag.from, drag.to),
                width: Math.abs(drag.to - drag.from),
                height: PLOT_HEIGHT,
              }}
            />
          )}
          {moment !== null && moment >= from && moment <= to && (
            <i className="heatmap-moment" style={{ left: LEFT + xOf(moment), height: PLOT_HEIGHT }} />
          )}
          {timeTicks(heatmap, plot.width).map(({ secs, label: time }) => (
            <span key={secs} className="heatmap-time" style={{ left: LEFT + xOf(secs) }}>
              {time}
            </span>
          ))}
        </div>
      )}
    </ChartFrame>
  );
}

const reading = ({ start, end, ge_ms, le_ms, count }: Pointed) =>
  `${timeSpan(start, end)}, ${duration(ge_ms)} – ${duration(le_ms)}: ${exact(count)} requests`;

function draw(canvas: HTMLCanvasElement, heatmap: Heatmap, width: number): void {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(PLOT_HEIGHT * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = resolveColor("var(--accent)");
  for (const cell of cellsOf(heatmap, { width: canvas.width, height: canvas.height })) {
    context.globalAlpha = PALEST + (1 - PALEST) * cell.share;
    const [left, top] = [Math.round(cell.left), Math.round(cell.top)];
    const right = Math.max(left + 1, Math.round(cell.left + cell.width) - (cell.width > APART_PX ? 1 : 0));
    const gap = cell.height > APART_PX ? 1 : 0;
    context.fillRect(left, top, right - left, Math.max(1, Math.round(cell.top + cell.height) - top - gap));
  }
}
