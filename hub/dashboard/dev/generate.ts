/** Deterministic traffic for the mock: a day's wave, noise, an outage of the process (gaps), a deploy that fails for a while. */
import type { MockRoute } from "./routes.ts";

/** A pseudo-random number in [0, 1) that depends on its arguments alone. */
export function noise(...parts: (string | number)[]): number {
  let hash = 2166136261;
  for (const char of parts.join("|")) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
  return ((hash ^ (hash >>> 13)) >>> 0) / 4294967296;
}

const HOUR = 3600;
const STARTED = Math.floor(Date.now() / 1000);
/** When this server started, the process had been down 65 to 45 minutes before, and a deploy had failed 9 to 8.75 hours before. */
const isDown = (start: number) => STARTED - start > 0.75 * HOUR && STARTED - start < 1.1 * HOUR;
const isFailing = (start: number) => STARTED - start > 8.75 * HOUR && STARTED - start < 9 * HOUR;

export interface Counted {
  requests: number;
  byStatus: Record<string, number>;
  requestBytes: number;
  responseBytes: number;
  median: number;
}

/** Which statuses a route's failures have. */
const CLIENT = (route: MockRoute) =>
  route.path === "(unmatched)" ? ["404", "404"] : route.method === "GET" ? ["404", "401"] : ["422", "409"];
const success = (route: MockRoute) => ({ POST: "201", DELETE: "204" })[route.method] ?? "200";

export function countStep(route: MockRoute, start: number, secs: number, now: number): Counted | null {
  if (route.rate === 0 || isDown(start)) return null;
  const hour = (start / HOUR) % 24;
  const wave = 0.55 + 0.45 * Math.sin(((hour - 7) / 24) * 2 * Math.PI);
  const share = Math.min(1, Math.max(0, (now - start) / secs));
  const expected = route.rate * (secs / 60) * wave * share * (0.85 + 0.3 * noise(route.path, route.method, start));
  const requests = Math.floor(expected + noise("r", route.path, route.method, start));
  if (requests === 0) return null;
  const failing = isFailing(start) ? 0.22 : 0;
  const part = (rate: number, salt: string) =>
    Math.min(requests, Math.floor(requests * rate + noise(salt, route.path, route.method, start)));
  const server = part(route.serverErrors + failing, "5");
  const client = Math.min(requests - server, part(route.clientErrors, "4"));
  const redirected = Math.min(requests - server - client, route.path.endsWith("carts/{id}") ? part(0.05, "3") : 0);
  const byStatus: Record<string, number> = {};
  const add = (status: string, count: number) => {
    if (count > 0) byStatus[status] = (byStatus[status] ?? 0) + count;
  };
  const [often, seldom] = CLIENT(route) as [string, string];
  add(success(route), requests - server - client - redirected);
  add("304", redirected);
  add(often, Math.ceil(client * 0.7));
  add(seldom, client - Math.ceil(client * 0.7));
  add("500", Math.ceil(server * 0.8));
  add("503", server - Math.ceil(server * 0.8));
  const slowness = (0.9 + 0.25 * noise("m", route.path, start) + wave * 0.2) * (failing ? 2.4 : 1);
  return {
    requests,
    byStatus,
    requestBytes: requests * 240,
    responseBytes: requests * route.responseBytes,
    median: route.median * slowness,
  };
}

const Z = { p50: 0, p75: 0.674, p95: 1.645, p99: 2.326 };

/** Percentiles of a mixture of log-normal distributions, from the buckets of its histogram. */
export class Durations {
  private readonly buckets = new Map<number, number>();
  requests = 0;
  private sum = 0;
  private max = 0;

  add(median: number, sigma: number, requests: number): void {
    let left = requests;
    for (let z = -2.6; z <= 3.1; z += 0.1) {
      const weight = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * 0.1;
      const count = Math.min(left, Math.round(requests * weight));
      this.put(median * Math.exp(sigma * z), count);
      left -= count;
    }
    this.put(median, left);
  }

  private put(ms: number, count: number): void {
    if (count === 0) return;
    const index = Math.ceil(Math.log2(ms / 1000) * 16);
    this.buckets.set(index, (this.buckets.get(index) ?? 0) + count);
    this.requests += count;
    this.sum += ms * count;
    this.max = Math.max(this.max, ms);
  }

  private rising = () => [...this.buckets].sort(([a], [b]) => a - b);

  private quantile(q: number): number | null {
    let seen = 0;
    for (const [index, count] of this.rising()) {
      seen += count;
      if (seen >= q * this.requests) return 1000 * 2 ** ((index - 0.5) / 16);
    }
    return null;
  }

  figures() {
    const some = this.requests > 0;
    const [p50_ms, p75_ms, p95_ms, p99_ms] = [0.5, 0.75, 0.95, 0.99].map(q => this.quantile(q));
    return {
      p50_ms,
      p75_ms,
      p95_ms,
      p99_ms,
      mean_ms: some ? this.sum / this.requests : null,
      max_ms: some ? this.max : null,
      requests: this.requests,
    };
  }

  histogram() {
    const buckets = this.rising().map(([index, count]) => ({
      ge_ms: 1000 * 2 ** ((index - 1) / 16),
      le_ms: 1000 * 2 ** (index / 16),
      count,
    }));
    return { scale: 4, zero: 0, buckets, ...this.figures(), relative_error: 0.0219 };
  }
}

/** The percentiles of one route alone. */
export function figuresOf(median: number, sigma: number) {
  const at = (z: number) => median * Math.exp(sigma * z);
  return {
    p50_ms: at(Z.p50),
    p75_ms: at(Z.p75),
    p95_ms: at(Z.p95),
    p99_ms: at(Z.p99),
    mean_ms: at(sigma / 2),
    max_ms: at(3.2),
  };
}
