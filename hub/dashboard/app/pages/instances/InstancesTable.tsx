/** One row per process. What is wrong is said in words beside the number. */
import type { Instance } from "../../api/model";
import { exact } from "../../format/numbers";
import { ago, dateTime, fullTime, span } from "../../format/time";
import { STALE_SECS } from "../../ui/Freshness";
import { Empty } from "../../ui/notes";
import { useNow } from "../../ui/useNow";

/** Below this a clock is right enough for minutes. */
const CLOCK_WARN_MS = 30_000;

type Tone = "ok" | "warn" | "quiet";

export function stateOf(instance: Instance, now: number): { text: string; tone: Tone } {
  if (instance.ended) return { text: "Ended", tone: "quiet" };
  if (instance.last_report_at === null) return { text: "Starting", tone: "quiet" };
  if (now - instance.last_report_at > STALE_SECS) return { text: "Silent", tone: "warn" };
  return { text: "Reporting", tone: "ok" };
}

export function clockText(offsetMs: number): { text: string; wrong: boolean } {
  const secs = Math.abs(offsetMs) / 1000;
  if (secs < 1) return { text: "in step", wrong: false };
  return { text: `${span(secs)} ${offsetMs > 0 ? "behind" : "ahead"}`, wrong: Math.abs(offsetMs) >= CLOCK_WARN_MS };
}

export function InstancesTable({ instances }: { instances: readonly Instance[] }) {
  const now = useNow();
  if (instances.length === 0) return <Empty title="No instance reported in this range" />;
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>State</th>
            <th className="text">Host</th>
            <th className="text">Version</th>
            <th className="text">SDK</th>
            <th>Started</th>
            <th>Last report</th>
            <th>Reports</th>
            <th title="Reports that were sent, by their running numbers, and have not arrived">Missing</th>
            <th title="How far the clock of the machine is from the hub's; times are corrected by it">Clock</th>
          </tr>
        </thead>
        <tbody>
          {instances.map(instance => (
            <InstanceRow key={instance.instance_id} instance={instance} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function InstanceRow({ instance, now }: { instance: Instance; now: number }) {
  const state = stateOf(instance, now);
  const clock = clockText(instance.clock_offset_ms);
  const missing = instance.missing_reports;
  return (
    <tr>
      <td>
        <span className="state" data-tone={state.tone}>
          {state.text}
        </span>
      </td>
      <td className="text instance-host">
        {instance.host ?? "unknown host"}
        <span className="mono muted" title={instance.instance_id}>
          {instance.instance_id.slice(0, 8)}
        </span>
      </td>
      <td className="text mono">{instance.app_version ?? "–"}</td>
      <td className="text">
        {instance.sdk ?? "–"}
        {instance.framework && <span className="muted"> · {instance.framework}</span>}
      </td>
      <td title={fullTime(instance.started_at)}>{dateTime(instance.started_at)}</td>
      <td title={fullTime(instance.last_report_at)}>{ago(instance.last_report_at, now)}</td>
      <td>{exact(instance.reports)}</td>
      <td className={missing > 0 ? "wrong" : "muted"}>{missing > 0 ? `${exact(missing)} missing` : "none"}</td>
      <td className={clock.wrong ? "wrong" : "muted"}>{clock.text}</td>
    </tr>
  );
}
