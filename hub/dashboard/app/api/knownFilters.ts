/** What can be filtered by: the routes and consumers that the hub knows of the last week. */
import type { FilterName } from "../url/filters";
import * as queries from "./queries";
import { useQuery } from "./useQuery";

export interface Offered {
  value: string;
  label: string;
}

const LOOKED_BACK_SECS = 7 * 86_400;
/** More than this is beyond what a list under a field helps with. */
const OFFERED_MAX = 500;
const STATUSES = ["2xx", "3xx", "4xx", "5xx", "400", "401", "403", "404", "409", "422", "429", "500", "502", "503"];

const plain = (value: string): Offered => ({ value, label: value });
const distinct = (values: readonly string[]) => [...new Set(values)].toSorted().slice(0, OFFERED_MAX).map(plain);

export function useKnownFilters(appId: string, env: string): Record<FilterName, readonly Offered[]> {
  const scope = () => {
    const to = Math.ceil(Date.now() / 60_000) * 60;
    return { env, from: String(to - LOOKED_BACK_SECS), to: String(to) };
  };
  const key = JSON.stringify([appId, env]);
  const routes = useQuery(`known-routes/${key}`, signal => queries.endpoints(appId, scope(), signal));
  const callers = useQuery(`known-callers/${key}`, signal => queries.consumers(appId, scope(), signal));
  const rows = routes.data?.data ?? [];
  const consumers = (callers.data?.data ?? []).flatMap(({ identifier, name }) =>
    identifier === null ? [] : [{ value: identifier, label: name ?? identifier }],
  );
  return {
    consumer: consumers.slice(0, OFFERED_MAX),
    method: distinct(rows.map(row => row.method)),
    path: distinct(rows.map(row => row.path)),
    status: STATUSES.map(plain),
  };
}
