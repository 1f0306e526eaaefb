/** One endpoint: totals, requests by status code, percentiles over time, and the histogram of the range. */
import type { AppEnvironment } from "../api/model";
import * as queries from "../api/queries";
import { useReleases } from "../api/releases";
import { useQuery } from "../api/useQuery";
import { decorated } from "../charts/decorated";
import { LatencyHistogram } from "../charts/LatencyHistogram";
import { minutesOf } from "../charts/minutes";
import { percentiles, requestsByCode, totalsByCode } from "../charts/series";
import { TimeChart } from "../charts/TimeChart";
import { AppFrame } from "../ui/AppFrame";
import { CompareSwitch } from "../ui/CompareSwitch";
import { BackIcon } from "../ui/icons";
import { Link } from "../ui/Link";
import { MethodBadge } from "../ui/MethodBadge";
import { Empty, Loaded } from "../ui/notes";
import { useShortcuts } from "../ui/useShortcuts";
import { before, isCompared } from "../url/compare";
import { navigate, useLocation, withParams } from "../url/location";
import { paths, scopedPath } from "../url/scope";
import { useScope } from "../url/useScope";
import { EndpointValidation } from "./endpoint/EndpointValidation";
import { MeasureSwitch } from "./endpoint/MeasureSwitch";
import { StatusCodes } from "./endpoint/StatusCodes";
import { Totals } from "./endpoint/Totals";
import "./endpoint/endpoint.css";
import { SetupGuide } from "./setup/SetupGuide";
import { SPECIAL_PATHS } from "./traffic/tableState";

export function EndpointPage({ appId }: { appId: string }) {
  const location = useLocation();
  const [method, path] = [location.params.get("method"), location.params.get("path")];
  const back = scopedPath(location, paths.traffic(appId), { method: null, path: null });
  const goBack = () => navigate(back);
  useShortcuts({ Escape: goBack });
  if (method === null || path === null) {
    return (
      <AppFrame appId={appId} titleText="Endpoint" title={<h1>Endpoint</h1>}>
        {() => <Empty title="No endpoint is named in the address" />}
      </AppFrame>
    );
  }
  const title = (
    <div className="endpoint-title">
      <Link
        to={back}
        className="button button-icon button-quiet"
        aria-label="Back to traffic"
        title="Back to traffic (Esc)"
      >
        <BackIcon />
      </Link>
      <MethodBadge method={method} />
      <h1 className="mono" title={path}>
        {path}
      </h1>
    </div>
  );
  return (
    <AppFrame appId={appId} titleText={`${method} ${path}`} filters={["consumer", "status"]} title={title}>
      {(app, environment) =>
        environment ? (
          <Detail
            key={`${appId}/${environment.env}/${method} ${path}`}
            appId={appId}
            environment={environment}
            method={method}
            path={path}
          />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

interface DetailProps {
  appId: string;
  environment: AppEnvironment;
  method: string;
  path: string;
}

function Detail({ appId, environment, method, path }: DetailProps) {
  const scope = useScope(appId, environment.env);
  const headers = useLocation().params.get("measure") === "headers";
  const key = `${scope.key}/${method} ${path}`;
  const query = () => ({ ...scope.query(), method, path });
  const endpoints = useQuery(`endpoint/${key}`, signal => queries.endpoints(appId, query(), signal));
  const traffic = useQuery(`traffic/${key}`, signal => queries.traffic(appId, query(), signal));
  const latency = useQuery(`latency/${key}/${headers}`, signal =>
    queries.latency(appId, { ...query(), ...(headers && { measure: "headers" as const }) }, signal),
  );
  const compared = isCompared(useLocation().params);
  const trafficBefore = useQuery(compared ? `traffic-before/${key}` : null, signal =>
    queries.traffic(appId, before(query()), signal),
  );
  const latencyBefore = useQuery(compared ? `latency-before/${key}/${headers}` : null, signal =>
    queries.latency(appId, { ...before(query()), ...(headers && { measure: "headers" as const }) }, signal),
  );
  const past = compared ? { traffic: trafficBefore.data, latency: latencyBefore.data } : null;
  const releases = useReleases(scope);
  const measured = headers ? "Time to response headers" : "Duration";
  return (
    <>
      {SPECIAL_PATHS[path] && <p className="endpoint-note muted">{SPECIAL_PATHS[path]}.</p>}
      <Loaded answer={endpoints} what="The totals" height={74}>
        {({ data, range, as_of }) => (
          <Totals
            endpoint={data.find(row => row.method === method && row.path === path)}
            minutes={minutesOf(traffic.data ?? { range, as_of, data: [] }, environment)}
          />
        )}
      </Loaded>
      <section className="panel" aria-label="Requests by status">
        <div className="panel-head">
          <h2>Requests by status</h2>
          <CompareSwitch />
        </div>
        <Loaded answer={traffic} what="Requests" height={250}>
          {answer => (
            <div className="endpoint-requests">
              <TimeChart
                model={decorated(requestsByCode(answer), past?.traffic ? requestsByCode(past.traffic) : null, releases)}
                label="Requests by status code"
                legend={false}
                height={220}
                onZoom={scope.zoom}
                onReset={scope.resetZoom}
              />
              <StatusCodes totals={totalsByCode(answer.data)} series={requestsByCode(answer).series} />
            </div>
          )}
        </Loaded>
      </section>
      <div className="endpoint-latency">
        <section className="panel" aria-label="Latency over time">
          <div className="panel-head">
            <h2>Latency over time</h2>
            <MeasureSwitch
              headers={headers}
              choose={next => navigate(withParams({ measure: next ? "headers" : null }), "replace")}
            />
          </div>
          <Loaded answer={latency} what="Latency" height={274}>
            {answer => (
              <TimeChart
                model={decorated(percentiles(answer), past?.latency ? percentiles(past.latency) : null, releases)}
                label={`${measured}, percentiles over time`}
                height={250}
                onZoom={scope.zoom}
                onReset={scope.resetZoom}
              />
            )}
          </Loaded>
        </section>
        <section className="panel" aria-label="Latency histogram">
          <div className="panel-head">
            <h2>Distribution</h2>
            <span className="muted">{measured}, logarithmic</span>
          </div>
          <Loaded answer={latency} what="The histogram" height={274}>
            {({ histogram }) =>
              histogram.requests > 0 ? (
                <LatencyHistogram histogram={histogram} label={`${measured}, histogram`} />
              ) : (
                <Empty title="No requests in this range" />
              )
            }
          </Loaded>
        </section>
      </div>
      <EndpointValidation scope={scope} method={method} path={path} />
    </>
  );
}
