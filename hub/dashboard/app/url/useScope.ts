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
  /** The same for all consumers. */
  wholeKey: string;
  /** The parameters of a read as of now. */
  query: () => TrafficScope & { from: string; to: string };
  zoom: (from: number, to: number) => void;
  resetZoom: () => void;
}

/** Pages that know nothing of consumers pass `null` for the one in the address. */
export function useScope(appId: string, env: string, consumer?: null): Scope {
  const { params } = useLocation();
  const { from, to, range: preset } = Object.fromEntries(params);
  const caller = consumer === null ? null : params.get("consumer");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the range depends on these three parameters alone
  const range = useMemo(() => parseRange(params), [from, to, preset]);
  return useMemo(() => {
    const span = range.kind === "fixed" ? `${range.from}-${range.to}` : range.preset.name;
    return {
      appId,
      env,
      range,
      key: JSON.stringify([appId, env, span, caller]),
      wholeKey: JSON.stringify([appId, env, span, null]),
      query: () => {
        const window = windowOf(range, Date.now() / 1000);
        return {
          env,
          from: String(window.from),
          to: String(window.to),
          ...(caller !== null && { consumer: caller }),
        };
      },
      zoom: (start, end) => navigate(withParams(windowParams(start, end))),
      resetZoom: () => navigate(withParams(NO_ZOOM)),
    };
  }, [appId, env, range, caller]);
}
