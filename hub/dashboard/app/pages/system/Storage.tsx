/** How much room data takes, and how much is left. */
import type { System } from "../../api/model";
import { bytes, exact } from "../../format/numbers";

/** Below this share of free room a disk is nearly full. */
const LITTLE_FREE = 0.1;

const STORES: Record<string, string> = { queue: "Queue", traffic: "Traffic", metadata: "Metadata" };

export function Storage({ system: { storage, processes } }: { system: System }) {
  const disks = new Map(
    processes
      .filter(one => !one.silent)
      .flatMap(({ host, state }) => (state.disk ? [[host, state.disk] as const] : [])),
  );
  const top = Math.max(1, ...storage.map(one => one.bytes));
  return (
    <section className="panel" aria-label="Storage">
      <div className="panel-head">
        <h2>Storage</h2>
        <span className="muted">What stores tell of themselves, the largest first</span>
      </div>
      {[...disks].map(([host, { path, free_bytes = 0, total_bytes = 0 }]) => (
        <div className="disk" key={host} data-little={free_bytes < total_bytes * LITTLE_FREE || undefined}>
          <p>
            <b>{bytes(free_bytes)}</b> of {bytes(total_bytes)} are free on {host}{" "}
            <span className="muted mono">{path}</span>
          </p>
          <meter
            min={0}
            max={total_bytes}
            value={total_bytes - free_bytes}
            aria-label={`Used on the disk of ${host}`}
          />
        </div>
      ))}
      <div className="table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th>Store</th>
              <th className="text">Table</th>
              <th>Rows</th>
              <th>Size</th>
            </tr>
          </thead>
          <tbody>
            {storage.map(one => (
              <tr key={`${one.store}/${one.table ?? ""}`}>
                <td>{STORES[one.store] ?? one.store}</td>
                <td className="text mono">{one.table ?? <span className="muted">all of it</span>}</td>
                <td>{exact(one.rows)}</td>
                <td>
                  <span className="storage-bar">
                    <i aria-hidden="true" style={{ width: `${Math.max(1, (one.bytes / top) * 100)}%` }} />
                    <b title={`${exact(one.bytes)} bytes`}>{bytes(one.bytes)}</b>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
