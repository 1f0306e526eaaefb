/** One app at a glance; the whole card leads to its traffic, and what waits for somebody to the page that tells more. */
import { environmentsOf } from "../../api/apps";
import type { AppFigures, AppOverview, Range, Summary } from "../../api/model";
import { Sparkline } from "../../charts/Sparkline";
import { apdex, count, duration } from "../../format/numbers";
import { dateTime } from "../../format/time";
import { apdexWord, ErrorRate } from "../../ui/ErrorRate";
import { Freshness } from "../../ui/Freshness";
import { ClientErrorMark, ServerErrorMark } from "../../ui/icons";
import { Link } from "../../ui/Link";
import { useLocation } from "../../url/location";
import { paths, scopedPath } from "../../url/scope";
import { consumersText, waitingOf } from "./overviewState";

interface Props {
  app: AppOverview;
  range: Range;
}

export function AppCard({ app, range }: Props) {
  const location = useLocation();
  const environments = environmentsOf(app);
  const environment = environments.find(one => one.env === app.env);
  const to = (page: (appId: string) => string, env = app.env) => scopedPath(location, page(app.app_id), { env });
  const others = environments.filter(one => one.env !== app.env);
  return (
    <li className="app-card panel">
      <div className="app-card-head">
        <Link to={environment ? to(paths.traffic) : paths.setup(app.app_id)} className="app-card-link">
          <h2>{app.name}</h2>
        </Link>
        {environment && (
          <span className="app-card-environments">
            <span className="env-badge">{environment.env}</span>
            {others.map(({ env }) => (
              <Link key={env} to={to(paths.traffic, env)} className="env-other" title={`Its traffic in ${env}`}>
                {env}
              </Link>
            ))}
          </span>
        )}
      </div>
      {environment && app.figures ? (
        <>
          <Numbers summary={app.figures.summary} range={range} />
          <Notes figures={app.figures} to={to} />
          <Freshness environment={environment} />
        </>
      ) : (
        <Waiting app={app} />
      )}
    </li>
  );
}

function Waiting({ app }: { app: AppOverview }) {
  return (
    <div className="app-card-waiting">
      <b>Waiting for the first report</b>
      <p className="muted">Made {dateTime(app.created_at)}. Three lines of code connect it.</p>
      <Link to={paths.setup(app.app_id)} className="button button-small">
        Set up
      </Link>
    </div>
  );
}

function Numbers({ summary, range }: { summary: Summary; range: Range }) {
  const figures: [string, React.ReactNode, (string | undefined)?][] = [
    ["Requests", count(summary.requests)],
    ["Error rate", <ErrorRate key="errors" of={summary} />],
    ["p95", duration(summary.p95_ms)],
    ["Apdex", apdex(summary.apdex), summary.apdex === null ? undefined : apdexWord(summary.apdex)],
  ];
  return (
    <div>
      <dl className="app-card-figures">
        {figures.map(([name, value, title]) => (
          <div key={name} title={title}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {summary.requests > 0 ? (
        <Sparkline points={summary.sparkline} range={range} label="Requests over time" />
      ) : (
        <p className="app-card-quiet muted">No requests in this range</p>
      )}
    </div>
  );
}

/** Who calls, and what waits for somebody who looks at it. */
function Notes({ figures, to }: { figures: AppFigures; to: (page: (appId: string) => string) => string }) {
  return (
    <ul className="app-card-notes">
      {figures.consumers > 0 && (
        <li>
          <Link to={to(paths.consumers)}>{consumersText(figures)}</Link>
        </li>
      )}
      {waitingOf(figures).map(({ text, page, tone }) => (
        <li key={text} data-tone={tone}>
          <Link to={to(page)}>
            {tone === "bad" ? <ServerErrorMark /> : <ClientErrorMark />}
            {text}
          </Link>
        </li>
      ))}
    </ul>
  );
}
