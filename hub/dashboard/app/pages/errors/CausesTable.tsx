/** Server errors and panics, grouped by cause. Texts of the monitored app are only ever text. */
import type { ServerError } from "../../api/model";
import { exact } from "../../format/numbers";
import { ago, fullTime } from "../../format/time";
import { CountBar } from "../../ui/CountBar";
import { Link } from "../../ui/Link";
import { MethodBadge } from "../../ui/MethodBadge";
import { Empty } from "../../ui/notes";
import { navigate, withParams } from "../../url/location";
import { causeId } from "./errorState";

export function CausesTable({ rows }: { rows: readonly ServerError[] }) {
  const top = Math.max(1, ...rows.map(row => row.count));
  return (
    <section className="panel causes" aria-label="Server errors and panics">
      <div className="panel-head">
        <h2>
          Server errors and panics <span className="muted num">{exact(rows.length)}</span>
        </h2>
      </div>
      {rows.length === 0 ? (
        <Empty title="No cause of a server error is known in this range">
          Panics are found by themselves. Errors that handlers turn into a 5xx show up here after{" "}
          <code>sendry_sdk::report_error(…)</code>.
        </Empty>
      ) : (
        <div className="table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th className="text">Cause</th>
                <th className="text col-endpoint">Endpoint</th>
                <th className="text col-version">Versions</th>
                <th className="col-last">Last seen</th>
                <th>Count</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(row => (
                <CauseRow key={causeId(row)} row={row} top={top} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** From the first version that had it to the last. */
function versionsOf({ first_version, last_version }: ServerError): string {
  if (first_version === null && last_version === null) return "–";
  return first_version === last_version ? (first_version ?? "–") : `${first_version ?? "?"} – ${last_version ?? "?"}`;
}

function CauseRow({ row, top }: { row: ServerError; top: number }) {
  const open = () => withParams({ open: causeId(row) });
  return (
    <tr className="row-link" onClick={() => navigate(open())}>
      <td className="text wraps col-cause">
        <Link to={open()} className="cause-type mono" onClick={event => event.stopPropagation()}>
          {row.type}
        </Link>
        <span className="cause-message">{row.message}</span>
        {row.location !== null && <span className="mono muted">{row.location}</span>}
      </td>
      <td className="text col-endpoint">
        <MethodBadge method={row.method} /> <span className="mono">{row.path}</span>
      </td>
      <td className="text col-version mono">{versionsOf(row)}</td>
      <td className="col-last" title={fullTime(row.last_seen_at)}>
        {ago(row.last_seen_at, Date.now() / 1000)}
      </td>
      <td>
        <CountBar count={row.count} top={top} tone="server" />
      </td>
    </tr>
  );
}
