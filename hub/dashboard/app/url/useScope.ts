/** What a page of an app looks at, from the address: for queries, and the ways to change it. */
import { useMemo } from "react";
import type { TrafficScope } from "../api/model";
import { navigate, useLocation, withParams } from "./location";
import { NO_ZOOM, parseRange, type TimeRange, windowOf, windowParams } from "./range";

export interface Scope {
  appId: string;
  env: string;
  range: TimeRange;
  /** Names the scope without the clock, for `useQuery`. */
  key: string;
  /** The parameters of a read as of now. */
  query: () => TrafficScope & { from: string; to: string };
  zoom: (from: number, to: number) => void;
  resetZoom: () => void;
}

export function useScope(appId: string, env: string): Scope {
  const { params } = useLocation();
  const { from, to, range: preset } = Object.fromEntries(params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the range depends on these three parameters alone
  const range = useMemo(() => parseRange(params), [from, to, preset]);
  return useMemo(() => {
    const span = range.kind === "fixed" ? `${range.from}-${range.to}` : range.preset.name;
    return {
      appId,
      env,
      range,
      key: `${appId}/${env}/${span}`,
      query: () => {
        const window = windowOf(range, Date.now() / 1000);
        return { env, from: String(window.from), to: String(window.to) };
      },
      zoom: (start, end) => navigate(withParams(windowParams(start, end))),
      resetZoom: () => navigate(withParams(NO_ZOOM)),
    };
  }, [appId, env, range]);
}
