/** The spans of the request as a waterfall: what ran when, and for how long. */
import { useState } from "react";
import type { LogDetail } from "../../../api/model";
import { duration, exact } from "../../../format/numbers";
import { DrawerPart } from "../../../ui/Drawer";
import { ServerErrorMark } from "../../../ui/icons";
import { rowsOf, type SpanRow, wholeMs } from "./spans";

/** Shares of the whole that the axis names. */
const TICKS = [0, 0.25, 0.5, 0.75, 1];

export function Trace({ log }: { log: LogDetail }) {
  const [opened, setOpened] = useState<number | null>(null);
  const { spans, spans_cut: cut, duration_ms } = log;
  if (spans.length === 0)
    return (
      <p className="muted">
        No spans are known of this request. The feature <code>tracing</code> of the SDK captures those that the
        application enters while it serves a request.
      </p>
    );
  const whole = wholeMs(duration_ms, spans);
  const rows = rowsOf(spans, duration_ms);
  return (
    <DrawerPart title={`${exact(spans.length)} spans in ${duration(duration_ms)}`}>
      <div className="waterfall">
        <div className="waterfall-axis" aria-hidden="true">
          {TICKS.map(share => (
            <span key={share} style={{ left: `${share * 100}%` }}>
              {duration(share * whole)}
            </span>
          ))}
        </div>
        <ol>
          <li className="span-row span-root">
            <span className="span-name">
              {log.method} <span className="mono">{log.path}</span>
            </span>
            <span className="span-track">
              <i style={{ left: 0, width: `${(duration_ms / whole) * 100}%` }} />
            </span>
          </li>
          {rows.map(row => (
            <SpanLine
              key={row.span.id}
              row={row}
              open={opened === row.span.id}
              toggle={() => setOpened(opened === row.span.id ? null : row.span.id)}
            />
          ))}
        </ol>
      </div>
      {cut > 0 && <p className="muted">{exact(cut)} further spans were beyond the limit and are not here.</p>}
    </DrawerPart>
  );
}

function SpanLine({ row, open, toggle }: { row: SpanRow; open: boolean; toggle: () => void }) {
  const { span, depth, left, width, busy } = row;
  const lasted = span.duration_ms === null ? "had not ended" : duration(span.duration_ms);
  return (
    <li>
      <button
        type="button"
        className="span-row"
        aria-expanded={open}
        onClick={toggle}
        data-failed={span.failed || undefined}
      >
        <span className="span-name" style={{ paddingLeft: 10 + Math.min(depth, 12) * 12 }} title={span.name}>
          {span.failed && <ServerErrorMark />}
          {span.name}
          {span.failed && <span className="visually-hidden"> (failed)</span>}
        </span>
        <span className="span-track">
          <i style={{ left: `${left * 100}%`, width: `max(2px, ${width * 100}%)` }}>
            {busy !== null && <b style={{ width: `${busy * 100}%` }} />}
          </i>
          <em style={left + width > 0.7 ? { right: `${(1 - left) * 100}%` } : { left: `${(left + width) * 100}%` }}>
            {lasted}
          </em>
        </span>
      </button>
      {open && (
        <dl className="span-facts">
          <Fact name="began" value={`+${duration(span.offset_ms)}`} />
          <Fact name="lasted" value={lasted} />
          {span.busy_ms !== null && <Fact name="ran" value={duration(span.busy_ms)} />}
          {span.target !== "" && <Fact name="target" value={span.target} />}
          {span.fields.map(({ name, value }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: fields never move, and names may repeat
            <Fact key={place} name={name} value={value} />
          ))}
        </dl>
      )}
    </li>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="mono">{value}</dd>
    </div>
  );
}
