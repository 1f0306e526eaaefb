/** One app at a glance; the whole card leads to its traffic. */
import { useState } from "react";
import { environmentOf, environmentsOf } from "../../api/apps";
import type { App, AppEnvironment, Range, Summary } from "../../api/model";
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { Sparkline } from "../../charts/Sparkline";
import { apdex, count, duration } from "../../format/numbers";
import { dateTime } from "../../format/time";
import { apdexWord, ErrorRate } from "../../ui/ErrorRate";
import { Freshness } from "../../ui/Freshness";
import { Link } from "../../ui/Link";
import { Loaded } from "../../ui/notes";
import { useLocation } from "../../url/location";
import { paths, scopedPath } from "../../url/scope";
import { useScope } from "../../url/useScope";

export function AppCard({ app }: { app: App }) {
  const [wanted, setWanted] = useState<string | null>(null);
  const location = useLocation();
  const environment = environmentOf(app, wanted);
  const target = environment
    ? scopedPath(location, paths.traffic(app.app_id), { env: environment.env })
    : paths.setup(app.app_id);
  const environments = environmentsOf(app);
  return (
    <li className="app-card panel">
      <div className="app-card-head">
        <Link to={target} className="app-card-link">
          <h2>{app.name}</h2>
        </Link>
        {environments.length === 1 && <span className="env-badge">{environments[0]?.env}</span>}
        {environments.length > 1 && (
          <select
            className="select env-select"
            aria-label={`Environment of ${app.name}`}
            value={environment?.env}
            onChange={event => setWanted(event.target.value)}
          >
            {environments.map(({ env }) => (
              <option key={env}>{env}</option>
            ))}
          </select>
        )}
      </div>
      {environment ? <Figures app={app} environment={environment} /> : <Waiting app={app} />}
    </li>
  );
}

function Waiting({ app }: { app: App }) {
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

function Figures({ app, environment }: { app: App; environment: AppEnvironment }) {
  const scope = useScope(app.app_id, environment.env, null);
  const answer = useQuery(`summary/${scope.key}`, signal => queries.summary(app.app_id, scope.query(), signal));
  return (
    <>
      <Loaded answer={answer} what="The summary" height={112}>
        {({ data, range }) => <Numbers summary={data} range={range} />}
      </Loaded>
      <Freshness environment={environment} />
    </>
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
    <>
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
    </>
  );
}
