/** How satisfied users are: the parts of Apdex, from the histogram of durations and from the scores of endpoints. */
import type { Endpoint, LatencyHistogram } from "../../api/model";

/** Requests up to this long satisfy; up to four times as long they are tolerated. */
export const APDEX_MS = 500;
const TOLERATED = 4;

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
