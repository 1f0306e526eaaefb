/** The filters of the table: by endpoint, among the rows; by consumer, asked of the hub. */
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { navigate, useLocation, withParams } from "../../url/location";
import type { Scope } from "../../url/useScope";

interface Endpoint {
  method: string | null;
  path: string | null;
}

export function EndpointFilter({ endpoints, chosen }: { endpoints: readonly Endpoint[]; chosen: Endpoint }) {
  const nameOf = ({ method, path }: Endpoint) => (path === null ? "" : `${method ?? ""} ${path}`);
  const current = nameOf(chosen);
  const all = endpoints.some(one => nameOf(one) === current) || current === "" ? endpoints : [chosen, ...endpoints];
  const choose = (name: string) => {
    const one = all.find(endpoint => nameOf(endpoint) === name);
    navigate(withParams({ method: one?.method ?? null, path: one?.path ?? null }));
  };
  return (
    <select
      className="select filter"
      aria-label="Endpoint"
      value={current}
      onChange={event => choose(event.target.value)}
    >
      <option value="">All endpoints</option>
      {all.map(one => (
        <option key={nameOf(one)} value={nameOf(one)}>
          {nameOf(one)}
        </option>
      ))}
    </select>
  );
}

/** More consumers than this are beyond a menu; the page of consumers has a search. */
const OFFERED = 200;

export function ConsumerFilter({ appId, scope }: { appId: string; scope: Scope }) {
  const chosen = useLocation().params.get("consumer");
  const known = useQuery(`consumers/${scope.wholeKey}`, signal => {
    const { env, from, to } = scope.query();
    return queries.consumers(appId, { env, from, to }, signal);
  });
  const rows = (known.data?.data ?? []).filter(one => one.identifier !== null).slice(0, OFFERED);
  const isKnown = chosen === null || rows.some(one => one.identifier === chosen);
  return (
    <select
      className="select filter"
      aria-label="Consumer"
      value={chosen ?? ""}
      onChange={event => navigate(withParams({ consumer: event.target.value }))}
    >
      <option value="">All consumers</option>
      {!isKnown && <option value={chosen}>{chosen}</option>}
      {rows.map(one => (
        <option key={one.consumer_id} value={one.identifier ?? ""}>
          {one.name ?? one.identifier}
        </option>
      ))}
    </select>
  );
}
