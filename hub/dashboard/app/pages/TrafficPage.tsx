/** Traffic of an app: cards that switch the chart, and the endpoint table. */
import type { AppEnvironment } from "../api/model";
import * as queries from "../api/queries";
import { useQuery } from "../api/useQuery";
import { minutesOf } from "../charts/minutes";
import { TimeChart } from "../charts/TimeChart";
import { AppFrame } from "../ui/AppFrame";
import { Loaded, ProblemNote, Skeleton } from "../ui/notes";
import { navigate, useLocation, withParams } from "../url/location";
import { useScope } from "../url/useScope";
import { SetupGuide } from "./setup/SetupGuide";
import { CARDS, type CardKey, cardOf, chartOf, type Figure, figures, latencyFigure } from "./traffic/cards";
import { EndpointTable } from "./traffic/EndpointTable";
import "./traffic/traffic.css";

export function TrafficPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Traffic" filters={["consumer", "method", "path"]} title={<h1>Traffic</h1>}>
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

function Traffic({ appId, environment }: { appId: string; environment: AppEnvironment }) {
  const { params } = useLocation();
  const scope = useScope(appId, environment.env);
  const status = params.get("status") ?? undefined;
  const key = `${scope.key}/${status ?? ""}`;
  const query = () => ({ ...scope.query(), ...(status !== undefined && { status }) });
  const traffic = useQuery(`traffic/${key}`, signal => queries.traffic(appId, query(), signal));
  const latency = useQuery(`latency/${key}`, signal => queries.latency(appId, query(), signal));
  const endpoints = useQuery(`endpoints/${key}`, signal => queries.endpoints(appId, query(), signal));
  const card = cardOf(params.get("chart"));
  const model = chartOf(card.key, traffic.data, latency.data);
  const shown: Partial<Record<CardKey, Figure>> = {
    ...(traffic.data && figures(traffic.data, minutesOf(traffic.data, environment))),
    ...(latency.data && { latency: latencyFigure(latency.data) }),
  };
  return (
    <>
      {traffic.problem && (
        <ProblemNote problem={traffic.problem} what="Traffic" kept={traffic.data !== null} retry={traffic.retry} />
      )}
      {latency.problem && (
        <ProblemNote problem={latency.problem} what="Latency" kept={latency.data !== null} retry={latency.retry} />
      )}
      <Cards chosen={card.key} shown={shown} outdated={traffic.outdated} />
      <section className="panel" aria-label={card.chart}>
        <div className="panel-head">
          <h2>{card.chart}</h2>
          <StatusFilter chosen={status} />
        </div>
        <div className={traffic.outdated ? "outdated" : undefined}>
          {model ? (
            <TimeChart model={model} label={card.chart} onZoom={scope.zoom} onReset={scope.resetZoom} />
          ) : (
            <Skeleton height={284} />
          )}
        </div>
      </section>
      <Loaded answer={endpoints} what="The endpoints" height={560}>
        {({ data, range, as_of, next }) => (
          <EndpointTable
            rows={data}
            minutes={minutesOf(traffic.data ?? { range, as_of, data: [] }, environment)}
            truncated={next !== null}
          />
        )}
      </Loaded>
    </>
  );
}

function Cards({
  chosen,
  shown,
  outdated,
}: {
  chosen: CardKey;
  shown: Partial<Record<CardKey, Figure>>;
  outdated: boolean;
}) {
  return (
    <fieldset className={`cards ${outdated ? "outdated" : ""}`} aria-label="Figures; each shows its chart">
      {CARDS.map(({ key, label }) => {
        const figure = shown[key];
        return (
          <button
            key={key}
            type="button"
            className="card"
            aria-pressed={chosen === key}
            title={figure?.title}
            onClick={() => navigate(withParams({ chart: key === "requests" ? null : key }), "replace")}
          >
            <span className="card-label">{label}</span>
            {figure ? <span className="card-value">{figure.value}</span> : <Skeleton height={24} width={84} />}
            <span className="card-note">{figure?.note ?? "\u00a0"}</span>
          </button>
        );
      })}
    </fieldset>
  );
}

const STATUS_FILTERS = [undefined, "2xx", "3xx", "4xx", "5xx"] as const;

function StatusFilter({ chosen }: { chosen: string | undefined }) {
  const choices = STATUS_FILTERS.some(one => one === chosen) ? STATUS_FILTERS : [...STATUS_FILTERS, chosen];
  return (
    <fieldset className="segmented" aria-label="Only requests with status">
      {choices.map(status => (
        <button
          key={status ?? "all"}
          type="button"
          aria-pressed={chosen === status}
          onClick={() => navigate(withParams({ status: status ?? null }))}
        >
          {status ?? "All"}
        </button>
      ))}
    </fieldset>
  );
}
