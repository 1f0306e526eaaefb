/** How fast the app answers: Apdex, percentiles, the spread of durations, and the endpoints that take the time. */
import { apdex } from "../../api/admin";
import type { AppEnvironment } from "../../api/model";
import * as queries from "../../api/queries";
import { useReleases } from "../../api/releases";
import { useQuery } from "../../api/useQuery";
import { decorated } from "../../charts/decorated";
import { HeatmapChart } from "../../charts/HeatmapChart";
import { apdexOverTime, percentiles } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { AppFrame } from "../../ui/AppFrame";
import { CompareSwitch } from "../../ui/CompareSwitch";
import { Empty, Loaded } from "../../ui/notes";
import { before, isCompared } from "../../url/compare";
import { FILTERS } from "../../url/filters";
import { navigate, useLocation, withParams } from "../../url/location";
import { openLogsOf } from "../../url/logsOf";
import { type Scope, useScope } from "../../url/useScope";
import { MeasureSwitch } from "../endpoint/MeasureSwitch";
import { SetupGuide } from "../setup/SetupGuide";
import { ApdexPanel } from "./ApdexPanel";
import { apdexOf, thresholdOf } from "./apdex";
import { Distribution } from "./Distribution";
import "./performance.css";
import { SlowTable } from "./SlowTable";
import { slowRows } from "./slowState";

export default function PerformancePage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Performance" filters={FILTERS} title={<h1>Performance</h1>}>
      {(app, environment) =>
        environment ? (
          <Performance key={`${appId}/${environment.env}`} appId={appId} environment={environment} />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

function Performance({ appId, environment }: { appId: string; environment: AppEnvironment }) {
  const scope = useScope(appId, environment.env);
  const { params } = useLocation();
  const headers = params.get("measure") === "headers";
  const measure = headers ? { measure: "headers" as const } : {};
  const endpoints = useQuery(`endpoints/${scope.key}`, signal => queries.endpoints(appId, scope.query(), signal));
  const latency = useQuery(`latency/${scope.key}/${headers}`, signal =>
    queries.latency(appId, { ...scope.query(), ...measure }, signal),
  );
  const compared = isCompared(params);
  const past = useQuery(compared ? `latency-before/${scope.key}/${headers}` : null, signal =>
    queries.latency(appId, { ...before(scope.query()), ...measure }, signal),
  );
  const releases = useReleases(scope);
  const threshold = useThreshold(scope);
  const heat = useQuery(`heatmap/${scope.key}`, signal => queries.heatmap(appId, scope.query(), signal));
  const measured = headers ? "Time to response headers" : "Duration";
  return (
    <div className="performance">
      <Loaded answer={endpoints} what="Apdex" height={236}>
        {({ data }) => (
          <ApdexPanel
            score={apdexOf(data)}
            threshold={threshold}
            histogram={headers ? null : (latency.data?.histogram ?? null)}
          >
            {!headers && latency.data && (
              <TimeChart
                model={decorated(
                  apdexOverTime(latency.data),
                  compared && past.data ? apdexOverTime(past.data) : null,
                  releases,
                )}
                label="Apdex over time"
                height={132}
                legend={false}
                onZoom={scope.zoom}
                onReset={scope.resetZoom}
                onPick={openLogsOf}
              />
            )}
          </ApdexPanel>
        )}
      </Loaded>
      <section className="panel performance-lines" aria-label="Percentiles over time">
        <div className="panel-head">
          <h2>{measured} over time</h2>
          <div className="table-tools">
            <CompareSwitch />
            <MeasureSwitch
              headers={headers}
              choose={next => navigate(withParams({ measure: next ? "headers" : null }), "replace")}
            />
          </div>
        </div>
        <Loaded answer={latency} what="Latency" height={324}>
          {answer => (
            <TimeChart
              model={decorated(percentiles(answer), compared && past.data ? percentiles(past.data) : null, releases)}
              label={`${measured}, percentiles over time`}
              height={300}
              onZoom={scope.zoom}
              onReset={scope.resetZoom}
              onPick={openLogsOf}
            />
          )}
        </Loaded>
      </section>
      <section className="panel performance-heat" aria-label="Heatmap">
        <div className="panel-head">
          <h2>Durations over time</h2>
          <span className="muted">Every request, logarithmic</span>
        </div>
        <Loaded answer={heat} what="The heatmap" height={268}>
          {answer =>
            answer.data.length > 0 ? (
              <HeatmapChart
                heatmap={answer}
                label="Requests by duration and time"
                onPick={({ start, end, ge_ms, le_ms }) =>
                  openLogsOf(start, end, { min: String(ge_ms), max: String(le_ms) })
                }
                onZoom={scope.zoom}
                onReset={scope.resetZoom}
              />
            ) : (
              <Empty title="No requests in this range" />
            )
          }
        </Loaded>
      </section>
      <Distribution latency={latency} measured={measured} label="Distribution" className="performance-spread" />
      <Loaded answer={endpoints} what="The endpoints" height={420}>
        {({ data }) => <SlowTable appId={appId} rows={slowRows(data)} />}
      </Loaded>
    </div>
  );
}

/** Of the one endpoint that is looked at, or of the app. */
function useThreshold({ appId, filters }: Scope): number {
  return thresholdOf(useQuery(`apdex/${appId}`, signal => apdex(appId, signal)).data, filters);
}
