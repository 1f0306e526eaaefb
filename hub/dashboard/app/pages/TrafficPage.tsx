/** Traffic of an app: cards that switch the chart, and the endpoint table. */
import { useDeferredValue, useMemo } from "react";
import type { AppEnvironment } from "../api/model";
import * as queries from "../api/queries";
import { useReleases } from "../api/releases";
import { useQuery } from "../api/useQuery";
import { decorated } from "../charts/decorated";
import { minutesOf } from "../charts/minutes";
import type { ChartModel } from "../charts/model";
import { TimeChart } from "../charts/TimeChart";
import { AppFrame } from "../ui/AppFrame";
import { CompareSwitch } from "../ui/CompareSwitch";
import { Empty, Loaded, ProblemNote, Skeleton } from "../ui/notes";
import { StatusFilter } from "../ui/StatusFilter";
import { before, isCompared } from "../url/compare";
import { FILTERS } from "../url/filters";
import { useLocation } from "../url/location";
import { openLogsOf } from "../url/logsOf";
import { useScope } from "../url/useScope";
import { SetupGuide } from "./setup/SetupGuide";
import { Cards } from "./traffic/Cards";
import { EndpointTable } from "./traffic/EndpointTable";
import { allFigures, type CardKey, cardOf, chartOf, type LatencyAnswer, type TrafficAnswer } from "./traffic/figures";
import "./traffic/traffic.css";

const CLASSES = ["2xx", "3xx", "4xx", "5xx"] as const;

export function TrafficPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Traffic" filters={FILTERS} title={<h1>Traffic</h1>}>
      {(app, environment) =>
        environment ? (
          <Traffic key={`${appId}/${environment.env}`} appId={appId} environment={environment} />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

/** The chart of a card. It is built anew only with another answer of its own: the others come at their own times. */
function useChart(key: CardKey, traffic: TrafficAnswer | null, latency: LatencyAnswer | null): ChartModel | null {
  const [ofTraffic, ofLatency] = key === "latency" ? [null, latency] : [traffic, null];
  return useMemo(() => chartOf(key, ofTraffic, ofLatency), [key, ofTraffic, ofLatency]);
}

function Traffic({ appId, environment }: { appId: string; environment: AppEnvironment }) {
  const { params } = useLocation();
  const scope = useScope(appId, environment.env);
  const { key, query } = scope;
  const traffic = useQuery(`traffic/${key}`, signal => queries.traffic(appId, query(), signal));
  const latency = useQuery(`latency/${key}`, signal => queries.latency(appId, query(), signal));
  const endpoints = useQuery(`endpoints/${key}`, signal => queries.endpoints(appId, query(), signal));
  // A long table takes longer to draw than the chart above it, which comes at about the same time and need not wait.
  const table = { ...endpoints, data: useDeferredValue(endpoints.data) };
  const compared = isCompared(params);
  const trafficBefore = useQuery(compared ? `traffic-before/${key}` : null, signal =>
    queries.traffic(appId, before(query()), signal),
  );
  const latencyBefore = useQuery(compared ? `latency-before/${key}` : null, signal =>
    queries.latency(appId, before(query()), signal),
  );
  const releases = useReleases(scope);
  const card = cardOf(params.get("chart"));
  const past = compared ? { traffic: trafficBefore.data, latency: latencyBefore.data } : null;
  const earlier = useChart(card.key, past?.traffic ?? null, past?.latency ?? null);
  const plain = useChart(card.key, traffic.data, latency.data);
  const model = useMemo(() => plain && decorated(plain, earlier, releases), [plain, earlier, releases]);
  const shown = useMemo(
    () => allFigures(traffic.data, latency.data, environment),
    [traffic.data, latency.data, environment],
  );
  return (
    <>
      {traffic.problem && (
        <ProblemNote problem={traffic.problem} what="Traffic" kept={traffic.data !== null} retry={traffic.retry} />
      )}
      {latency.problem && (
        <ProblemNote problem={latency.problem} what="Latency" kept={latency.data !== null} retry={latency.retry} />
      )}
      <Cards
        chosen={card.key}
        shown={shown}
        before={past && allFigures(past.traffic, past.latency, environment)}
        outdated={traffic.outdated}
        failed={(traffic.problem ?? latency.problem) !== null}
      />
      <section className="panel" aria-label={card.chart}>
        <div className="panel-head">
          <h2>{card.chart}</h2>
          <div className="table-tools">
            <CompareSwitch />
            <StatusFilter choices={CLASSES} />
          </div>
        </div>
        <div className={traffic.outdated ? "outdated" : undefined}>
          {model ? (
            <TimeChart
              model={model}
              label={card.chart}
              onZoom={scope.zoom}
              onReset={scope.resetZoom}
              onPick={openLogsOf}
            />
          ) : traffic.problem || latency.problem ? (
            <Empty title="There is nothing to draw" />
          ) : (
            <Skeleton height={284} />
          )}
        </div>
      </section>
      <Loaded answer={table} what="The endpoints" height={560}>
        {({ data, range, as_of, next }) => (
          <EndpointTable
            appId={appId}
            rows={data}
            minutes={minutesOf(traffic.data ?? { range, as_of, data: [] }, environment)}
            truncated={next !== null}
          />
        )}
      </Loaded>
    </>
  );
}
