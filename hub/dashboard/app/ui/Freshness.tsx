/** How old the data is, in words; amber when reports have stopped coming. And how often it is asked for. */
import type { AppEnvironment } from "../api/model";
import { chooseRefresh, REFRESH_CHOICES, type RefreshName, refreshNow, useRefreshChoice } from "../api/refresh";
import { ago, fullTime, TIME_ZONE } from "../format/time";
import { RefreshIcon } from "./icons";
import { useNow } from "./useNow";

/** An SDK reports every minute at the latest: after two and a half something is wrong. */
export const STALE_SECS = 150;

export function isStale(environment: Pick<AppEnvironment, "last_report_at">, now: number): boolean {
  return now - environment.last_report_at > STALE_SECS;
}

const instancesText = (instances: number) => `${instances} ${instances === 1 ? "instance" : "instances"}`;

/** The hub counts the instances of the five minutes before the last report: those that ended since are among them. */
export function Freshness({ environment }: { environment: AppEnvironment }) {
  const now = useNow();
  const stale = isStale(environment, now);
  const { last_report_at, instances } = environment;
  const reporting = instancesText(instances);
  return (
    <span
      className="freshness"
      data-stale={stale || undefined}
      title={`The last report came at ${fullTime(last_report_at)}. In the five minutes before it: ${reporting}, ended ones too`}
    >
      <i aria-hidden="true" />
      <span>
        {stale ? "Stale: " : ""}
        <span className="freshness-words">{stale ? "last report " : "Last report "}</span>
        {ago(last_report_at, now)}
        <span className="freshness-words">, {reporting} in 5 min</span>
      </span>
    </span>
  );
}

export function RefreshControl() {
  const chosen = useRefreshChoice();
  return (
    <div className="refresh" title={`Times are in ${TIME_ZONE}. Refreshing rests while this tab is hidden.`}>
      <button
        type="button"
        className="button button-icon"
        onClick={refreshNow}
        aria-label="Refresh now"
        title="Refresh now"
      >
        <RefreshIcon />
      </button>
      <select
        className="select"
        aria-label="Auto-refresh"
        value={chosen}
        onChange={event => chooseRefresh(event.target.value as RefreshName)}
      >
        {REFRESH_CHOICES.map(({ name, label }) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}
