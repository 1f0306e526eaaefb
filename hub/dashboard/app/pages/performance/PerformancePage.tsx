/** How fast the app answers: Apdex, percentiles, the spread of durations, and the endpoints that take the time. */
import type { AppEnvironment } from "../../api/model";
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { HeatmapChart } from "../../charts/HeatmapChart";
import { LatencyHistogram } from "../../charts/LatencyHistogram";
import { apdexOverTime, percentiles } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { AppFrame } from "../../ui/AppFrame";
import { Empty, Loaded } from "../../ui/notes";
import { FILTERS } from "../../url/filters";
import { navigate, useLocation, withParams } from "../../url/location";
import { openLogsOf } from "../../url/logsOf";
import { useScope } from "../../url/useScope";
import { MeasureSwitch } from "../endpoint/MeasureSwitch";
import { SetupGuide } from "../setup/SetupGuide";
import { ApdexPanel } from "./ApdexPanel";
import { APDEX_MS, apdexOf } from "./apdex";
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
  const headers = useLocation().params.get("measure") === "headers";
  const endpoints = useQuery(`endpoints/${scope.key}`, signal => queries.endpoints(appId, scope.query(), signal));
  const latency = useQuery(`latency/${scope.key}/${headers}`, signal =>
    queries.latency(appId, { ...scope.query(), ...(headers && { measure: "headers" as const }) }, signal),
  );
  const heat = useQuery(`heatmap/${scope.key}`, signal => queries.heatmap(appId, scope.query(), signal));
  const measured = headers ? "Time to response headers" : "Duration";
  return (
    <div className="performance">
      <Loaded answer={endpoints} what="Apdex" height={236}>
        {({ data }) => (
          <ApdexPanel
            score={apdexOf(data)}
            threshold={APDEX_MS}
            histogram={headers ? null : (latency.data?.histogram ?? null)}
          >
            {!headers && latency.data && (
              <TimeChart
                model={apdexOverTime(latency.data)}
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
          <MeasureSwitch
            headers={headers}
            choose={next => navigate(withParams({ measure: next ? "headers" : null }), "replace")}
          />
        </div>
        <Loaded answer={latency} what="Latency" height={254}>
          {answer => (
            <TimeChart
              model={percentiles(answer)}
              label={`${measured}, percentiles over time`}
              height={230}
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
              />
            ) : (
              <Empty title="No requests in this range" />
            )
          }
        </Loaded>
      </section>
      <section className="panel performance-spread" aria-label="Distribution">
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
      <Loaded answer={endpoints} what="The endpoints" height={420}>
        {({ data }) => <SlowTable appId={appId} rows={slowRows(data)} />}
      </Loaded>
    </div>
  );
}
