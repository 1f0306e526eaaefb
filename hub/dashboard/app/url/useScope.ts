/** What a page of an app looks at, from the address: for queries, and the ways to change it. */
import { useMemo } from "react";
import type { TrafficScope } from "../api/model";
import { FILTERS, type FilterName, type Filters, useFilters } from "./filters";
import { navigate, useLocation, withParams } from "./location";
import { NO_ZOOM, parseRange, type TimeRange, windowOf, windowParams } from "./range";

export interface Scope {
  appId: string;
  env: string;
  range: TimeRange;
  /** What of the traffic is looked at. */
  filters: Filters;
  /** Names the scope without the clock, for `useQuery`. */
  key: string;
  /** The same for all of the traffic. */
  wholeKey: string;
  /** The parameters of a read as of now. */
  query: () => TrafficScope & { from: string; to: string };
  zoom: (from: number, to: number) => void;
  resetZoom: () => void;
}

/** `known`: the filters that the page understands; null where it understands none. */
export function useScope(appId: string, env: string, known: readonly FilterName[] | null = FILTERS): Scope {
  const { params } = useLocation();
  const { from, to, range: preset } = Object.fromEntries(params);
  const filters = useFilters(known ?? []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the range depends on these three parameters alone
  const range = useMemo(() => parseRange(params), [from, to, preset]);
  return useMemo(() => {
    const span = range.kind === "fixed" ? `${range.from}-${range.to}` : range.preset.name;
    return {
      appId,
      env,
      range,
      filters,
      key: JSON.stringify([appId, env, span, filters]),
      wholeKey: JSON.stringify([appId, env, span, {}]),
      query: () => {
        const window = windowOf(range, Date.now() / 1000);
        return { env, from: String(window.from), to: String(window.to), ...filters };
      },
      zoom: (start, end) => navigate(withParams(windowParams(start, end))),
      resetZoom: () => navigate(withParams(NO_ZOOM)),
    };
  }, [appId, env, range, filters]);
}
