/** How long requests took, on a logarithmic axis, with the percentiles marked. */
import { useState } from "react";
import type { LatencyHistogram as Histogram } from "../api/model";
import { count, duration, exact, percent } from "../format/numbers";
import { ChartFrame } from "./ChartFrame";
import { type Bin, type LogScale, linearTicks, logScale, logTicks, mergeBins } from "./histogram";
import { barsOf } from "./numbers";
import { useWidth } from "./useWidth";

const HEIGHT = 252;
const TOP = 50;
const BOTTOM = 26;
const LEFT = 46;
const BAR_MIN = 5;
const PLOT = HEIGHT - TOP - BOTTOM;

const MARKS = [
  { key: "p50_ms", label: "p50", color: "var(--p50)", dash: undefined },
  { key: "p95_ms", label: "p95", color: "var(--p95)", dash: undefined },
  { key: "p99_ms", label: "p99", color: "var(--p99)", dash: "5 3" },
] as const;

export function LatencyHistogram({ histogram, label }: { histogram: Histogram; label: string }) {
  const [frame, width] = useWidth<HTMLElement>();
  const [over, setOver] = useState<Bin | null>(null);
  const plain = Math.max(0, width - LEFT - 8);
  const bins = mergeBins(histogram.buckets, Math.max(8, plain / BAR_MIN));
  const inner = plain - overhang(histogram, logScale(bins, plain), plain);
  const scale = logScale(bins, inner);
  const top = Math.max(1, ...bins.map(bin => bin.count)) * 1.05;
  return (
    <ChartFrame label={label} className="histogram" frame={frame} table={() => barsOf(bins, histogram.requests)}>
      <p className="histogram-reading" aria-live="polite">
        {over
          ? reading(over, histogram)
          : `${exact(histogram.requests)} requests${histogram.zero > 0 ? `, ${exact(histogram.zero)} too short to measure` : ""}`}
      </p>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={label} onPointerLeave={() => setOver(null)}>
          <g transform={`translate(${LEFT} 0)`}>
            <Axes scale={scale} top={top} width={inner} />
            {bins.map(bin => (
              <Bar key={bin.from} bin={bin} scale={scale} top={top} onOver={setOver} isOver={bin.from === over?.from} />
            ))}
            <Marks histogram={histogram} scale={scale} />
          </g>
        </svg>
      )}
    </ChartFrame>
  );
}

function reading(bin: Bin, histogram: Histogram): string {
  const share = percent(bin.count, histogram.requests);
  return `${duration(bin.from)} – ${duration(bin.to)}: ${exact(bin.count)} requests (${share})`;
}

interface BarProps {
  bin: Bin;
  scale: LogScale;
  top: number;
  isOver: boolean;
  onOver: (bin: Bin) => void;
}

function Bar({ bin, scale, top, isOver, onOver }: BarProps) {
  const left = scale.at(bin.from);
  const width = scale.at(bin.to) - left;
  const height = Math.max(1, (bin.count / top) * PLOT);
  return (
    <g onPointerEnter={() => onOver(bin)}>
      <rect x={left} y={TOP} width={width} height={PLOT} fill="transparent" />
      <rect
        className="histogram-bar"
        data-over={isOver}
        x={left + 0.5}
        y={TOP + PLOT - height}
        width={Math.max(1, width - 1)}
        height={height}
      />
    </g>
  );
}

function Axes({ scale, top, width }: { scale: LogScale; top: number; width: number }) {
  return (
    <g className="histogram-axes">
      {linearTicks(top).map(tick => {
        const y = TOP + PLOT - (tick / top) * PLOT;
        return (
          <g key={tick}>
            <line x1={0} x2={width} y1={y} y2={y} />
            <text x={-8} y={y + 4} textAnchor="end">
              {count(tick)}
            </text>
          </g>
        );
      })}
      {logTicks(scale, width).map(tick => (
        <text key={tick} x={scale.at(tick)} y={HEIGHT - 8} textAnchor="middle">
          {duration(tick)}
        </text>
      ))}
    </g>
  );
}

interface Mark {
  label: string;
  color: string;
  dash: string | undefined;
  text: string;
  x: number;
  y: number;
}

const LABEL_WIDTH = 84;
const LABEL_ROWS = [43, 28, 13];

/** How far the label of the highest mark would reach beyond the plot. */
function overhang(histogram: Histogram, scale: LogScale, width: number): number {
  return histogram.p99_ms === null ? 0 : Math.max(0, scale.at(histogram.p99_ms) + LABEL_WIDTH - width);
}

/** From right to left: a label that would cross the next mark goes a row above it, so that no line crosses a text. */
function placeMarks(histogram: Histogram, scale: LogScale): Mark[] {
  let next = { x: Number.POSITIVE_INFINITY, row: -1 };
  const marks = MARKS.toReversed().flatMap(({ key, label, color, dash }) => {
    const ms = histogram[key];
    if (ms === null) return [];
    const x = Math.max(0, scale.at(ms));
    next = { x, row: x + LABEL_WIDTH > next.x ? next.row + 1 : 0 };
    return [{ label, color, dash, text: duration(ms), x, y: LABEL_ROWS[next.row] ?? 0 }];
  });
  return marks.toReversed();
}

function Marks({ histogram, scale }: { histogram: Histogram; scale: LogScale }) {
  const marks = placeMarks(histogram, scale);
  return (
    <g className="histogram-mark" pointerEvents="none">
      {marks.map(({ label, color, dash, x, y }) => (
        <line key={label} x1={x} x2={x} y1={y - 8} y2={TOP + PLOT} style={{ stroke: color }} strokeDasharray={dash} />
      ))}
      {marks.map(({ label, text, x, y }) => (
        <text key={label} x={x + 5} y={y}>
          <tspan>{label}</tspan> {text}
        </text>
      ))}
    </g>
  );
}
