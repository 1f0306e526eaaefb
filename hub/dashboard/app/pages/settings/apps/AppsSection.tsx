/** All apps that the reader may change: each leads to its settings. */
import { environmentsOf, useApps } from "../../../api/apps";
import { may, useGrants } from "../../../api/roles";
import { ago, dateTime, fullTime } from "../../../format/time";
import { Link } from "../../../ui/Link";
import { Empty, Loaded } from "../../../ui/notes";
import { useNow } from "../../../ui/useNow";
import { navigate } from "../../../url/location";
import { paths } from "../../../url/scope";

export function AppsSection() {
  const apps = useApps();
  const grants = useGrants();
  const now = useNow();
  return (
    <div className="settings">
      <section className="panel" aria-label="Apps">
        <div className="panel-head">
          <h2>Apps</h2>
          <span className="muted">Names, environments, write keys and thresholds of each</span>
        </div>
        <Loaded answer={apps} what="The apps" height={200}>
          {({ data }) => {
            const own = data.filter(app => may(grants, "editor", app.app_id));
            if (own.length === 0) return <Empty title="No apps yet">Make the first one on the overview.</Empty>;
            return (
              <div className="table-scroll">
                <table className="table">
                  <thead>
                    <tr>
                      <th>App</th>
                      <th className="text">Environments</th>
                      <th className="hide-narrow">Made</th>
                      <th>Last report</th>
                    </tr>
                  </thead>
                  <tbody>
                    {own.map(app => {
                      const [newest] = environmentsOf(app);
                      const to = paths.settings("apps", app.app_id);
                      return (
                        <tr key={app.app_id} className="row-link" onClick={() => navigate(to)}>
                          <td className="wraps">
                            <Link to={to} className="endpoint-link" onClick={event => event.stopPropagation()}>
                              {app.name}
                            </Link>
                          </td>
                          <td className="text">{app.environments.map(one => one.env).join(", ") || "–"}</td>
                          <td className="hide-narrow" title={fullTime(app.created_at)}>
                            {dateTime(app.created_at)}
                          </td>
                          <td title={fullTime(newest?.last_report_at)}>{ago(newest?.last_report_at, now)}</td>
                        </tr>
                      );
                    })}
                  </tbody>
                </table>
              </div>
            );
          }}
        </Loaded>
      </section>
    </div>
  );
}
