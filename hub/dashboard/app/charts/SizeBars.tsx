/** How large bodies were, on a logarithmic axis, with the percentiles named. */
import { useState } from "react";
import type { SizeHistogram } from "../api/model";
import { bytes, exact, percent } from "../format/numbers";
import { ChartFrame } from "./ChartFrame";
import { type Bin, logScale, logTicks, mergeBins } from "./histogram";
import { barsOf } from "./numbers";
import { useWidth } from "./useWidth";

const HEIGHT = 150;
const BOTTOM = 24;
const PLOT = HEIGHT - BOTTOM;
const BAR_MIN = 7;
const MARKS = [
  { key: "p50_bytes", label: "p50" },
  { key: "p95_bytes", label: "p95" },
  { key: "p99_bytes", label: "p99" },
] as const;

export function SizeBars({ histogram, label }: { histogram: SizeHistogram; label: string }) {
  const [frame, width] = useWidth<HTMLElement>();
  const [over, setOver] = useState<Bin | null>(null);
  const buckets = histogram.buckets.map(({ ge_bytes, le_bytes, count }) => ({
    ge_ms: Math.max(ge_bytes, 0.5),
    le_ms: Math.max(le_bytes, 1),
    count,
  }));
  const bins = mergeBins(buckets, Math.max(8, width / BAR_MIN));
  const scale = logScale(bins, width);
  const top = Math.max(1, ...bins.map(bin => bin.count));
  const reading = over
    ? `${bytes(over.from)} – ${bytes(over.to)}: ${exact(over.count)} (${percent(over.count, histogram.bodies)})`
    : MARKS.map(({ key, label: name }) => `${name} ${bytes(histogram[key])}`).join(" · ");
  return (
    <ChartFrame label={label} className="histogram" frame={frame} table={() => barsOf(bins, histogram.bodies, bytes)}>
      <p className="histogram-reading" aria-live="polite">
        {reading}
      </p>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={label} onPointerLeave={() => setOver(null)}>
          <g className="histogram-axes">
            <line x1={0} x2={width} y1={PLOT} y2={PLOT} />
            {logTicks(scale, width).map(tick => (
              <text key={tick} x={scale.at(tick)} y={HEIGHT - 6} textAnchor="middle">
                {bytes(tick)}
              </text>
            ))}
          </g>
          {bins.map(bin => {
            const left = scale.at(bin.from);
            const wide = scale.at(bin.to) - left;
            const tall = Math.max(1, (bin.count / top) * PLOT);
            return (
              <g key={bin.from} onPointerEnter={() => setOver(bin)}>
                <rect x={left} y={0} width={wide} height={PLOT} fill="transparent" />
                <rect
                  className="histogram-bar"
                  data-over={bin.from === over?.from}
                  x={left + 0.5}
                  y={PLOT - tall}
                  width={Math.max(1, wide - 1)}
                  height={tall}
                />
              </g>
            );
          })}
        </svg>
      )}
    </ChartFrame>
  );
}
