/** What each watchdog says: what is wrong, since when, and what to do. Those with nothing to tell stand together below. */
import type { WatchdogState } from "../../api/model";
import { fullTime, span } from "../../format/time";
import { useNow } from "../../ui/useNow";
import { LIGHTS, watchdogName } from "./words";

export function Watchdogs({ watchdogs }: { watchdogs: readonly WatchdogState[] }) {
  const now = useNow();
  const loud = watchdogs.filter(one => one.state === "alarm" || one.state === "pending");
  const quiet = watchdogs.filter(one => one.state === "ok" || one.state === "unknown");
  return (
    <section className="panel" aria-label="Watchdogs">
      <div className="panel-head">
        <h2>Watchdogs</h2>
        <span className="muted">Each looks at one thing that must not go wrong</span>
      </div>
      {loud.length > 0 && (
        <ul className="watchdogs-loud">
          {loud.map(one => (
            <li key={one.name} data-state={one.state}>
              <span className="light" data-light={LIGHTS[one.state].tone}>
                <i aria-hidden="true" /> {LIGHTS[one.state].text}
              </span>
              <div>
                <b>{watchdogName(one.name, one.state)}</b>
                {one.since !== null && (
                  <span className="muted" title={fullTime(one.since)}>
                    {" "}
                    for {span(now - one.since)}
                  </span>
                )}
                <p>{one.detail}</p>
                <p className="watchdog-advice">{one.advice}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
      <ul className="watchdogs-quiet">
        {quiet.map(one => (
          <li key={one.name} title={one.advice}>
            <span className="light" data-light={LIGHTS[one.state].tone}>
              <i aria-hidden="true" /> {watchdogName(one.name, one.state)}
            </span>
            <span className="muted">{LIGHTS[one.state].text}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
