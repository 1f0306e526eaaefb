/** The hub's processes: what each does, and how it is; and who does what must be done once. */
import type { System } from "../../api/model";
import { ago, fullTime, span } from "../../format/time";
import { useNow } from "../../ui/useNow";

type Process = System["processes"][number];

/** What is wrong with a process, worst first; null when nothing is. */
function troubleOf({ silent, state }: Process): { text: string; tone: "bad" | "warn" } | null {
  const workers = state.workers ?? [];
  if (silent) return { text: "Silent", tone: "bad" };
  if (workers.some(worker => worker.down)) return { text: "Worker down", tone: "bad" };
  if (state.queue_error) return { text: "No queue", tone: "bad" };
  if (state.breaker && state.breaker !== "closed")
    return { text: `Breaker ${state.breaker.replace("_", " ")}`, tone: "bad" };
  if (workers.some(worker => worker.paused)) return { text: "Worker waits for a store", tone: "warn" };
  return null;
}

export function Processes({ system }: { system: System }) {
  const now = useNow();
  const duties = (id: string) => system.leases.filter(lease => lease.process_id === id && !lease.expired);
  return (
    <section className="panel" aria-label="Processes">
      <div className="panel-head">
        <h2>Processes</h2>
        <span className="muted">Of the last day, the longest running first</span>
      </div>
      <div className="table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th>Process</th>
              <th className="text">State</th>
              <th className="text">Roles</th>
              <th className="text hide-narrow">Duties</th>
              <th className="hide-narrow">Version</th>
              <th>Runs for</th>
              <th className="hide-narrow">Last heard</th>
            </tr>
          </thead>
          <tbody>
            {system.processes.map(one => {
              const trouble = troubleOf(one);
              return (
                <tr key={one.process_id}>
                  <td className="wraps" title={one.process_id}>
                    {one.host} <span className="muted mono">{one.process_id.slice(0, 8)}</span>
                  </td>
                  <td className="text" title={one.state.queue_error ?? undefined}>
                    <span className="light" data-light={trouble?.tone ?? "good"}>
                      <i aria-hidden="true" /> {trouble?.text ?? "Well"}
                    </span>
                  </td>
                  <td className="text">{one.roles.join(", ")}</td>
                  <td className="text hide-narrow">
                    {duties(one.process_id)
                      .map(lease => lease.name.replaceAll("_", " "))
                      .join(", ") || "–"}
                  </td>
                  <td className="hide-narrow">{one.version}</td>
                  <td title={fullTime(one.started_at)}>{span(now - one.started_at)}</td>
                  <td className="hide-narrow" title={fullTime(one.last_seen_at)}>
                    {ago(one.last_seen_at, now)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
