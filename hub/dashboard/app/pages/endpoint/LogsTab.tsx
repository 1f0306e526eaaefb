/** The newest requests of this endpoint, and the way to all of them. */
import { logPage } from "../../api/logQueries";
import { useQuery } from "../../api/useQuery";
import { bytes, duration } from "../../format/numbers";
import { clockTime, fullTime } from "../../format/time";
import { Link } from "../../ui/Link";
import { LogsLink } from "../../ui/LogsLink";
import { Empty, Loaded } from "../../ui/notes";
import { navigate, useLocation } from "../../url/location";
import { paths, scopedPath } from "../../url/scope";
import type { Scope } from "../../url/useScope";
import { StatusMark } from "../logs/StatusMark";

const SHOWN = 25;

export function LogsTab({ scope }: { scope: Scope }) {
  const here = useLocation();
  const logs = useQuery(`newest-logs/${scope.key}`, signal =>
    logPage(scope.appId, scope.query(), { limit: SHOWN }, signal),
  );
  const open = (id: string) => scopedPath(here, paths.logs(scope.appId), { log: id });
  return (
    <section className="panel" aria-label="Request logs">
      <div className="panel-head">
        <h2>Newest requests</h2>
        <LogsLink>All in the explorer</LogsLink>
      </div>
      <Loaded answer={logs} what="The request logs" height={320}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No request of this endpoint is logged in this range">
              Request logs are off until the app asks for them, with <code>Builder::request_logs</code>.
            </Empty>
          ) : (
            <div className="table-scroll">
              <table className="table endpoint-logs">
                <thead>
                  <tr>
                    <th>Time</th>
                    <th className="text">Status</th>
                    <th className="text">URL</th>
                    <th className="text col-consumer">Consumer</th>
                    <th>Duration</th>
                    <th className="col-size">Size</th>
                  </tr>
                </thead>
                <tbody>
                  {data.map(row => (
                    <tr key={row.id} className="row-link" onClick={() => navigate(open(row.id))}>
                      <td title={fullTime(row.time_us / 1_000_000)}>{clockTime(row.time_us / 1_000_000)}</td>
                      <td className="text">
                        <StatusMark status={row.status} />
                      </td>
                      <td className="text col-url">
                        <Link
                          to={open(row.id)}
                          className="endpoint-link mono"
                          onClick={event => event.stopPropagation()}
                        >
                          {row.url}
                        </Link>
                      </td>
                      <td className="text col-consumer">{row.consumer?.name ?? row.consumer?.identifier ?? ""}</td>
                      <td>{duration(row.duration_ms)}</td>
                      <td className="col-size">{bytes(row.response_bytes)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </section>
  );
}
