/** One consumer: what they call, since when, what fails for them; and the way to their part of every page. */
import { errorCodes } from "../../api/errorCodes";
import type { Consumer, Forgotten } from "../../api/model";
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { requestsByClass } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { bytes, duration, exact } from "../../format/numbers";
import { ago, dateTime, fullTime } from "../../format/time";
import { CountBar } from "../../ui/CountBar";
import { Drawer, DrawerPart, Facts } from "../../ui/Drawer";
import { EndpointName } from "../../ui/EndpointName";
import { ErrorRate } from "../../ui/ErrorRate";
import { Link } from "../../ui/Link";
import { LogsLink } from "../../ui/LogsLink";
import { Empty, Loaded } from "../../ui/notes";
import { useLocation } from "../../url/location";
import { openLogsOf } from "../../url/logsOf";
import { paths, scopedPath } from "../../url/scope";
import type { Scope } from "../../url/useScope";
import { StatusCode, toneOf } from "../errors/CodesTable";
import { codeId } from "../errors/errorState";
import { nameOf } from "./consumerState";
import { Forget } from "./Forget";

const ENDPOINTS = 8;
const FAILURES = 8;

interface Props {
  scope: Scope;
  consumer: Consumer & { identifier: string };
  /** Without it, forgetting is not offered. */
  onForgotten?: (what: Forgotten) => void;
  onClose: () => void;
}

export function ConsumerDrawer({ scope, consumer, onForgotten, onClose }: Props) {
  const { appId } = scope;
  const { identifier } = consumer;
  const here = useLocation();
  const key = `${scope.key}/${identifier}`;
  const query = () => ({ ...scope.query(), consumer: identifier });
  const traffic = useQuery(`traffic/${key}`, signal => queries.traffic(appId, query(), signal));
  const to = (page: (appId: string) => string) => scopedPath(here, page(appId), { consumer: identifier });
  return (
    <Drawer
      label={`Consumer ${nameOf(consumer)}`}
      onClose={onClose}
      title={
        <>
          <h2>{nameOf(consumer)}</h2>
          <p className="muted">
            <span className="mono">{identifier}</span>
            {consumer.group !== null && ` · ${consumer.group}`}
          </p>
        </>
      }
    >
      <p className="drawer-actions">
        <Link to={to(paths.traffic)} className="button button-small">
          Traffic
        </Link>
        <Link to={to(paths.errors)} className="button button-small">
          Errors
        </Link>
        <Link to={to(paths.validation)} className="button button-small">
          Validation errors
        </Link>
        <Link to={to(paths.performance)} className="button button-small">
          Performance
        </Link>
        <LogsLink of={{ consumer: identifier }} />
      </p>
      <Facts
        of={[
          { label: "Requests", value: exact(consumer.requests) },
          { label: "Errors", value: <ErrorRate of={consumer} /> },
          { label: "p50", value: duration(consumer.p50_ms) },
          { label: "p95", value: duration(consumer.p95_ms) },
          { label: "Data in", value: bytes(consumer.request_bytes) },
          { label: "Data out", value: bytes(consumer.response_bytes) },
          { label: "First seen", value: dateTime(consumer.first_seen_at), title: fullTime(consumer.first_seen_at) },
          {
            label: "Last seen",
            value: ago(consumer.last_seen_at, Date.now() / 1000),
            title: fullTime(consumer.last_seen_at),
          },
        ]}
      />
      <DrawerPart title="Requests over time">
        <Loaded answer={traffic} what="Their requests" height={160}>
          {answer => (
            <TimeChart
              model={requestsByClass(answer)}
              label="Requests over time"
              height={150}
              legend={false}
              onZoom={scope.zoom}
              onReset={scope.resetZoom}
              onPick={(from, until) => openLogsOf(from, until, { consumer: identifier })}
            />
          )}
        </Loaded>
      </DrawerPart>
      <CalledEndpoints scope={scope} identifier={identifier} />
      <Failures scope={scope} identifier={identifier} />
      {onForgotten && <Forget appId={appId} consumer={consumer} onForgotten={onForgotten} />}
    </Drawer>
  );
}

interface PartProps {
  scope: Scope;
  identifier: string;
}

function CalledEndpoints({ scope, identifier }: PartProps) {
  const { appId } = scope;
  const endpoints = useQuery(`endpoints/${scope.key}/${identifier}`, signal =>
    queries.endpoints(appId, { ...scope.query(), consumer: identifier }, signal),
  );
  return (
    <DrawerPart title="What they call">
      <Loaded answer={endpoints} what="Their endpoints" height={160}>
        {({ data }) => {
          const called = data.filter(row => row.requests > 0).toSorted((a, b) => b.requests - a.requests);
          const top = called[0]?.requests ?? 1;
          return (
            <ul className="called">
              {called.slice(0, ENDPOINTS).map(row => (
                <li key={`${row.method} ${row.path}`}>
                  <EndpointName method={row.method} path={row.path} />
                  <CountBar count={row.requests} top={top} tone="requests" />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </DrawerPart>
  );
}

function Failures({ scope, identifier }: PartProps) {
  const codes = useQuery(`codes/${scope.key}/${identifier}`, signal =>
    errorCodes(scope.appId, { ...scope.query(), consumer: identifier }, signal),
  );
  return (
    <DrawerPart title="What fails for them">
      <Loaded answer={codes} what="Their errors" height={120}>
        {({ data }) => {
          const worst = data.toSorted((a, b) => b.count - a.count).slice(0, FAILURES);
          if (worst.length === 0) return <Empty title="Nothing failed in this range" />;
          return (
            <ul className="called">
              {worst.map(row => (
                <li key={codeId(row)}>
                  <span className="called-failure">
                    <StatusCode status={row.status} />
                    <EndpointName method={row.method} path={row.path} />
                  </span>
                  <CountBar count={row.count} top={worst[0]?.count ?? 1} tone={toneOf(row.status)} />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </DrawerPart>
  );
}
