/** How many requests took how long, over time: the darker, the more. A click leads to the requests of a cell. */
import { useEffect, useRef, useState } from "react";
import type { Heatmap } from "../api/model";
import { duration, exact } from "../format/numbers";
import { dateTime, timeSpan } from "../format/time";
import { resolveColor, useShownTheme } from "../theme/theme";
import { cellsOf, heatTicks, type Pointed, pointedAt } from "./heat";
import { useWidth } from "./useWidth";

const HEIGHT = 240;
const LEFT = 58;
const BOTTOM = 24;
const PLOT_HEIGHT = HEIGHT - BOTTOM;
/** The palest cell is still seen. */
const PALEST = 0.12;
const TIME_TICKS = 5;
/** Cells larger than this have a hairline between them. */
const APART_PX = 8;

interface Props {
  heatmap: Heatmap;
  label: string;
  onPick: (cell: Pointed) => void;
}

export function HeatmapChart({ heatmap, label, onPick }: Props) {
  const [frame, width] = useWidth<HTMLElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const theme = useShownTheme();
  const plot = { width: Math.max(0, width - LEFT), height: PLOT_HEIGHT };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme draws the same cells in other colours
  useEffect(() => {
    if (canvas.current && width > LEFT) draw(canvas.current, heatmap, width - LEFT);
  }, [heatmap, width, theme]);
  const at = (event: React.PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return pointedAt(heatmap, plot, { x: event.clientX - box.left, y: event.clientY - box.top });
  };
  const { from, to } = heatmap.range;
  return (
    <figure className="chart heatmap" aria-label={label} ref={frame}>
      <p className="histogram-reading" aria-live="polite">
        {pointed ? reading(pointed) : "The darker, the more requests; a click leads to them"}
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
            onPointerMove={event => setPointed(at(event))}
            onPointerLeave={() => setPointed(null)}
            onClick={() => pointed && pointed.count > 0 && onPick(pointed)}
          />
          {Array.from({ length: TIME_TICKS }, (_, tick) => from + ((to - from) * tick) / (TIME_TICKS - 1)).map(
            (secs, tick) => (
              <span
                key={secs}
                className="heatmap-time"
                data-edge={tick === 0 ? "first" : tick === TIME_TICKS - 1 ? "last" : undefined}
                style={{ left: LEFT + (plot.width * tick) / (TIME_TICKS - 1) }}
              >
                {dateTime(secs)}
              </span>
            ),
          )}
        </div>
      )}
    </figure>
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
