/** Requests by status, latency over time and its spread, and who calls. */
import type { TrafficStep } from "../../api/model";
import * as queries from "../../api/queries";
import { useReleases } from "../../api/releases";
import { type Answer, useQuery } from "../../api/useQuery";
import { decorated } from "../../charts/decorated";
import { percentiles, requestsByCode, type StepsAnswer, totalsByCode } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { CompareSwitch } from "../../ui/CompareSwitch";
import { Loaded } from "../../ui/notes";
import { before, isCompared } from "../../url/compare";
import { navigate, useLocation, withParams } from "../../url/location";
import { openLogsOf } from "../../url/logsOf";
import type { Scope } from "../../url/useScope";
import { Distribution } from "../performance/Distribution";
import { MeasureSwitch } from "./MeasureSwitch";
import { StatusCodes } from "./StatusCodes";
import { TopConsumers } from "./TopConsumers";

export function OverviewTab({ scope, traffic }: { scope: Scope; traffic: Answer<StepsAnswer<TrafficStep>> }) {
  const { appId, key, query } = scope;
  const { params } = useLocation();
  const headers = params.get("measure") === "headers";
  const measure = headers ? { measure: "headers" as const } : {};
  const latency = useQuery(`latency/${key}/${headers}`, signal =>
    queries.latency(appId, { ...query(), ...measure }, signal),
  );
  const compared = isCompared(params);
  const trafficBefore = useQuery(compared ? `traffic-before/${key}` : null, signal =>
    queries.traffic(appId, before(query()), signal),
  );
  const latencyBefore = useQuery(compared ? `latency-before/${key}/${headers}` : null, signal =>
    queries.latency(appId, { ...before(query()), ...measure }, signal),
  );
  const past = compared ? { traffic: trafficBefore.data, latency: latencyBefore.data } : null;
  const releases = useReleases(scope);
  const measured = headers ? "Time to response headers" : "Duration";
  return (
    <>
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
                onPick={openLogsOf}
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
                onPick={openLogsOf}
              />
            )}
          </Loaded>
        </section>
        <Distribution latency={latency} measured={measured} label="Latency histogram" />
      </div>
      <TopConsumers scope={scope} />
    </>
  );
}
