/** How long everything is kept, by which setting, and how much room it takes now. Changed in the configuration alone. */
import type { HubSettings, System } from "../../../api/model";
import { system } from "../../../api/queries";
import { useQuery } from "../../../api/useQuery";
import { bytes, exact } from "../../../format/numbers";
import { Link } from "../../../ui/Link";
import { Loaded } from "../../../ui/notes";
import { paths } from "../../../url/scope";

const KEPT = [
  { key: "minutes_days", name: "Traffic by the minute", after: "Then half hours and days remain" },
  { key: "coarse_days", name: "Traffic by half hours and days", after: "Then it is deleted" },
  { key: "request_logs_days", name: "Request logs", after: "Then they are deleted; counts stay" },
  { key: "audit_days", name: "Audit log", after: "Then it is deleted" },
] as const;

const STORES: Record<string, string> = { queue: "the queue", traffic: "traffic", metadata: "metadata" };

export function Retention({ hub }: { hub: HubSettings }) {
  return (
    <section className="panel" aria-label="Retention">
      <div className="panel-head">
        <h2>Retention</h2>
        <span className="muted">Set in the configuration of the hub; a shorter time reaches existing data, too</span>
      </div>
      <div className="table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th>What</th>
              <th>Kept for</th>
              <th className="text hide-narrow">Afterwards</th>
              <th className="text">Setting</th>
            </tr>
          </thead>
          <tbody>
            {KEPT.map(({ key, name, after }) => (
              <tr key={key}>
                <td className="wraps">{name}</td>
                <td className="num">{hub[key] === 1 ? "1 day" : `${exact(hub[key])} days`}</td>
                <td className="text hide-narrow muted">{after}</td>
                <td className="text">
                  <code>retention.{key}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Used />
    </section>
  );
}

/** What the stores take now, with the way to the whole. */
function Used() {
  const answer = useQuery("system", system);
  return (
    <Loaded answer={answer} what="The storage used" height={24}>
      {({ storage }) => {
        const stores = usedBy(storage);
        return (
          <p className="panel-foot">
            Storage used:{" "}
            {[...stores].map(([store, size], place) => (
              <span key={store}>
                {place > 0 && ", "}
                <b className="num">{bytes(size)}</b> {STORES[store] ?? store}
              </span>
            ))}
            .{" "}
            <Link to={paths.system} className="text-link">
              By table
            </Link>
          </p>
        );
      }}
    </Loaded>
  );
}

/** A store tells of itself as a whole, or table by table. */
function usedBy(storage: System["storage"]): Map<string, number> {
  const wholes = new Set(storage.filter(one => one.table === null).map(one => one.store));
  const used = new Map<string, number>();
  for (const { store, table, bytes: size } of storage)
    if (table === null || !wholes.has(store)) used.set(store, (used.get(store) ?? 0) + size);
  return used;
}
