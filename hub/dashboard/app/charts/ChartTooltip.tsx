/** The step below the cursor: a band over the plot, and what exactly happened in it. */
import { timeSpan } from "../format/time";
import type { ChartModel } from "./model";

export interface Pointed {
  slot: number;
  /** The band, in pixels of the frame. */
  left: number;
  right: number;
  top: number;
  height: number;
}

const WIDTH = 196;
const DISTANCE = 12;

interface Props {
  pointed: Pointed;
  model: ChartModel;
  width: number;
  /** Whether a click leads to the requests of the step. */
  leads: boolean;
}

export function ChartTooltip({ pointed, model, width, leads }: Props) {
  const step = model.slots[pointed.slot];
  if (!step) return null;
  const rows = model.rows(pointed.slot);
  const fitsRight = pointed.right + DISTANCE + WIDTH <= width;
  const left = fitsRight ? pointed.right + DISTANCE : Math.max(0, pointed.left - DISTANCE - WIDTH);
  const filling = model.asOf !== null && step.end > model.asOf && step.start <= model.asOf;
  return (
    <>
      <div
        className="chart-band"
        style={{
          left: pointed.left,
          width: Math.max(1, pointed.right - pointed.left),
          top: pointed.top,
          height: pointed.height,
        }}
      />
      <div className="chart-tooltip" aria-live="polite" style={{ left, top: pointed.top, width: WIDTH }}>
        <div className="chart-tooltip-title">{timeSpan(step.start, step.end)}</div>
        {rows.length === 0 && <div className="muted">No requests</div>}
        {rows.map(row => (
          <div className="chart-tooltip-row" key={row.label}>
            <i style={{ background: row.color }} />
            <span>{row.label}</span>
            <b>{row.value}</b>
          </div>
        ))}
        {leads && rows.length > 0 && <div className="chart-tooltip-note">Click for its requests</div>}
        {filling && <div className="chart-tooltip-note">Still being filled</div>}
      </div>
    </>
  );
}
