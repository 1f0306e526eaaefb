/** The names of the series; lines show their dashes, so that colour is not the only way to tell them apart. */
import type { ChartSeries } from "./model";

export function Legend({ series, compared = false }: { series: readonly ChartSeries[]; compared?: boolean }) {
  return (
    <ul className="legend">
      {series.map(({ label, color, dash, width }) => (
        <li key={label}>
          <svg width="18" height="10" aria-hidden="true">
            {width === undefined ? (
              <rect x="4" y="0" width="10" height="10" rx="2.5" style={{ fill: color }} />
            ) : (
              <line
                x1="0"
                x2="18"
                y1="5"
                y2="5"
                style={{ stroke: color }}
                strokeWidth={width + 0.5}
                strokeDasharray={dash?.join(" ")}
              />
            )}
          </svg>
          {label}
        </li>
      ))}
      {compared && (
        <li>
          <svg width="18" height="10" aria-hidden="true">
            <line x1="0" x2="18" y1="5" y2="5" strokeWidth="1.5" strokeDasharray="3 3" className="legend-before" />
          </svg>
          Period before
        </li>
      )}
    </ul>
  );
}
