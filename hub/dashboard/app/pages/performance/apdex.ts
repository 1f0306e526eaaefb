/** How satisfied users are: the parts of Apdex, from the histogram of durations and from the scores of endpoints. */
import type { ApdexThresholds, Endpoint, LatencyHistogram } from "../../api/model";

/** What holds where nobody sets anything. */
export const USUAL_MS = 500;
/** Up to so many times the threshold is tolerated. */
const TOLERATED = 4;

/** Until when a request satisfies: of the one endpoint that is looked at, else of the app. */
export function thresholdOf(
  known: ApdexThresholds | null,
  { method, path }: { method?: string; path?: string },
): number {
  const own = known?.endpoints.find(one => one.method === method && one.path === path);
  return own?.threshold_ms ?? known?.threshold_ms ?? USUAL_MS;
}

export interface Waited {
  satisfied: number;
  tolerating: number;
  frustrated: number;
}

/** How many waited how long. A bucket counts as its geometric middle, as in the hub's own score. */
export function waitedOf({ zero, buckets }: Pick<LatencyHistogram, "zero" | "buckets">, threshold: number): Waited {
  const waited = { satisfied: zero, tolerating: 0, frustrated: 0 };
  for (const { ge_ms, le_ms, count } of buckets) {
    const middle = Math.sqrt(ge_ms * le_ms);
    const part = middle <= threshold ? "satisfied" : middle <= threshold * TOLERATED ? "tolerating" : "frustrated";
    waited[part] += count;
  }
  return waited;
}

/** The score of all endpoints together; null where none has one. */
export function apdexOf(rows: readonly Pick<Endpoint, "apdex" | "requests">[]): number | null {
  let [score, requests] = [0, 0];
  for (const row of rows) {
    if (row.apdex === null) continue;
    score += row.apdex * row.requests;
    requests += row.requests;
  }
  return requests > 0 ? score / requests : null;
}
