/** What the application logged while it served the request. */
import { useState } from "react";
import type { LogDetail } from "../../../api/model";
import { duration, exact } from "../../../format/numbers";
import { DrawerPart } from "../../../ui/Drawer";

const LEVELS = ["trace", "debug", "info", "warn", "error"] as const;

export function AppLogs({ log }: { log: LogDetail }) {
  const { logs, logs_cut: cut, spans } = log;
  const [least, setLeast] = useState<(typeof LEVELS)[number]>("trace");
  const shown = logs.filter(event => LEVELS.indexOf(event.level) >= LEVELS.indexOf(least));
  if (logs.length === 0)
    return (
      <p className="muted">
        The application logged nothing while it served this request, or its logs are not captured: the feature{" "}
        <code>tracing</code> of the SDK does it.
      </p>
    );
  const spanName = (id: number | null) => spans.find(span => span.id === id)?.name ?? null;
  const aside = (
    <select
      className="select"
      aria-label="Least level"
      value={least}
      onChange={event => setLeast(LEVELS.find(level => level === event.target.value) ?? "trace")}
    >
      {LEVELS.map(level => (
        <option key={level} value={level}>
          {level} and above
        </option>
      ))}
    </select>
  );
  return (
    <DrawerPart title={`${exact(shown.length)} of ${exact(logs.length)} events`} aside={aside}>
      <ol className="app-logs">
        {shown.map((event, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events never move
          <li key={place} data-level={event.level}>
            <span className="app-log-time num">+{duration(event.offset_ms)}</span>
            <span className="app-log-level">{event.level}</span>
            <div>
              <p className="app-log-message">{event.message}</p>
              <p className="app-log-fields mono">
                {event.fields.map(({ name, value }, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: fields never move, and names may repeat
                  <span key={at}>
                    <b>{name}</b>={value}
                  </span>
                ))}
              </p>
              <p className="app-log-target mono">
                {event.target}
                {spanName(event.span) !== null && ` · in ${spanName(event.span)}`}
              </p>
            </div>
          </li>
        ))}
      </ol>
      {cut > 0 && <p className="muted">{exact(cut)} further events were beyond the limit and are not here.</p>}
    </DrawerPart>
  );
}
