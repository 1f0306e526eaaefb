/** One row per group of consumers. */
import { bytes, exact } from "../../format/numbers";
import { ago, fullTime } from "../../format/time";
import { CountBar } from "../../ui/CountBar";
import { ErrorRate } from "../../ui/ErrorRate";
import { Link } from "../../ui/Link";
import { withParams } from "../../url/location";
import type { Group } from "./groups";

export function GroupsTable({ groups }: { groups: readonly Group[] }) {
  const top = Math.max(1, ...groups.map(group => group.requests));
  return (
    <div className="table-scroll">
      <table className="table groups">
        <thead>
          <tr>
            <th>Group</th>
            <th>Consumers</th>
            <th>Errors</th>
            <th className="col-bytes">Data out</th>
            <th className="col-last">Last seen</th>
            <th>Requests</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(group => (
            <tr key={group.name ?? ""}>
              <td className="text">
                {group.name === null ? (
                  <span className="muted">Without a group</span>
                ) : (
                  <Link
                    to={withParams({ by: null, q: group.name })}
                    className="field-link"
                    title={`The consumers of ${group.name}`}
                  >
                    {group.name}
                  </Link>
                )}
              </td>
              <td>{exact(group.consumers)}</td>
              <td>
                <ErrorRate of={group} />
              </td>
              <td className="col-bytes">{bytes(group.response_bytes)}</td>
              <td className="col-last" title={fullTime(group.last_seen_at)}>
                {ago(group.last_seen_at, Date.now() / 1000)}
              </td>
              <td>
                <CountBar count={group.requests} top={top} tone="requests" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
