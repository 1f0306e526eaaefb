/** One row per group of consumers. */
import type { ConsumerGroup } from "../../api/model";
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { bytes, duration, exact } from "../../format/numbers";
import { CountBar } from "../../ui/CountBar";
import { ErrorRate } from "../../ui/ErrorRate";
import { Link } from "../../ui/Link";
import { Loaded } from "../../ui/notes";
import { withParams } from "../../url/location";
import type { Scope } from "../../url/useScope";

export function GroupsTable({ scope }: { scope: Scope }) {
  const groups = useQuery(`groups/${scope.key}`, signal => queries.consumerGroups(scope.appId, scope.query(), signal));
  return (
    <Loaded answer={groups} what="The groups" height={200}>
      {({ data }) => <Rows groups={data} />}
    </Loaded>
  );
}

function Rows({ groups }: { groups: readonly ConsumerGroup[] }) {
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
            <th className="col-p95">p95</th>
            <th>Requests</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(group => (
            <tr key={group.group ?? ""}>
              <td className="text">
                {group.group === null ? (
                  <span className="muted">Without a group</span>
                ) : (
                  <Link
                    to={withParams({ by: null, q: group.group })}
                    className="field-link"
                    title={`The consumers of ${group.group}`}
                  >
                    {group.group}
                  </Link>
                )}
              </td>
              <td>{exact(group.consumers)}</td>
              <td>
                <ErrorRate of={group} />
              </td>
              <td className="col-bytes">{bytes(group.response_bytes)}</td>
              <td className="col-p95">{duration(group.p95_ms)}</td>
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
