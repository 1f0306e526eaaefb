/** The environments that an app has reported from. They begin with their first report and need no settings. */
import { environmentsOf } from "../../../api/apps";
import type { App } from "../../../api/model";
import { ago, dateTime, fullTime } from "../../../format/time";
import { isStale } from "../../../ui/Freshness";
import { Link } from "../../../ui/Link";
import { Empty } from "../../../ui/notes";
import { useNow } from "../../../ui/useNow";
import { pathWith } from "../../../url/location";
import { paths } from "../../../url/scope";

export function Environments({ app }: { app: App }) {
  const now = useNow();
  const all = environmentsOf(app);
  return (
    <section className="panel" aria-label="Environments">
      <div className="panel-head">
        <h2>Environments</h2>
        <span className="muted">Each begins with its first report; the app names it</span>
      </div>
      {all.length === 0 ? (
        <Empty title="No report yet">
          <Link to={paths.setup(app.app_id)} className="button button-small">
            Connect the app
          </Link>
        </Empty>
      ) : (
        <div className="table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th>Environment</th>
                <th className="hide-narrow">First report</th>
                <th>Last report</th>
                <th>Instances</th>
              </tr>
            </thead>
            <tbody>
              {all.map(one => (
                <tr key={one.env}>
                  <td>
                    <Link
                      to={pathWith(paths.traffic(app.app_id), new URLSearchParams(), { env: one.env })}
                      className="endpoint-link"
                    >
                      {one.env}
                    </Link>
                  </td>
                  <td className="hide-narrow" title={fullTime(one.first_report_at)}>
                    {dateTime(one.first_report_at)}
                  </td>
                  <td title={fullTime(one.last_report_at)}>
                    <span className="light" data-light={isStale(one, now) ? "warn" : "good"}>
                      <i aria-hidden="true" /> {ago(one.last_report_at, now)}
                    </span>
                  </td>
                  <td>{one.instances}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
