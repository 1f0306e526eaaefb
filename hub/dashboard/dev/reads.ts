/** The mock's reads: what the query API answers about an app, over generated traffic. */
import { consumers, groups, serverErrors, shareOf, validationErrors } from "./callers.ts";
import { countStep, Durations, figuresOf, noise } from "./generate.ts";
import { type MockRoute, ROUTES } from "./routes.ts";

export const now = () => Math.floor(Date.now() / 1000);
export const startedAt = now();

function rangeOf(query: URLSearchParams) {
  const to = Math.ceil(Number(query.get("to") ?? now()) / 60) * 60;
  const from = Math.floor(Number(query.get("from") ?? to - 86_400) / 60) * 60;
  const hours = (to - from) / 3600;
  const step_secs =
    hours <= 3
      ? 60
      : hours <= 6
        ? 120
        : hours <= 24
          ? 300
          : hours <= 72
            ? 900
            : hours <= 192
              ? 1800
              : hours <= 768
                ? 7200
                : 86_400;
  return { from, to, step_secs, tier: hours <= 24 ? "1m" : "30m", tz: query.get("tz") ?? "UTC" };
}

function routesOf(query: URLSearchParams): readonly MockRoute[] {
  const [method, path] = [query.get("method"), query.get("path")];
  return ROUTES.filter(route => (!method || route.method === method) && (!path || route.path === path));
}

const wanted = (status: string, filter: string | null) => !filter || status === filter || `${status[0]}xx` === filter;
const sumOf = (counts: Record<string, number>, first: string) =>
  Object.entries(counts).reduce((sum, [status, count]) => sum + (status.startsWith(first) ? count : 0), 0);

function* steps(range: { from: number; to: number; step_secs: number }) {
  for (
    let start = Math.floor(range.from / range.step_secs) * range.step_secs;
    start < Math.min(range.to, now());
    start += range.step_secs
  )
    yield start;
}

function traffic(query: URLSearchParams) {
  const range = rangeOf(query);
  const data = [];
  for (const start of steps(range)) {
    const none = { expected_by_status: {}, expected_errors: 0, request_bytes: 0, response_bytes: 0 };
    const step = { start, requests: 0, by_status: {} as Record<string, number>, ...none };
    for (const route of routesOf(query)) {
      const counted = countStep(route, start, range.step_secs, now());
      for (const [status, all] of Object.entries(counted?.byStatus ?? {})) {
        const count = Math.round(all * shareOf(query));
        if (count === 0 || !wanted(status, query.get("status"))) continue;
        step.by_status[status] = (step.by_status[status] ?? 0) + count;
        step.requests += count;
        step.request_bytes += count * 240;
        step.response_bytes += count * route.responseBytes;
      }
    }
    if (step.requests > 0) data.push(step);
  }
  return { range, as_of: now() - (now() % 10), data, next: null };
}

function latency(query: URLSearchParams) {
  const range = rangeOf(query);
  const all = new Durations();
  const factor = query.get("measure") === "headers" ? 0.8 : 1;
  const data = [];
  for (const start of steps(range)) {
    const one = new Durations();
    for (const route of routesOf(query)) {
      const counted = countStep(route, start, range.step_secs, now());
      if (!counted) continue;
      one.add(counted.median * factor, route.sigma, counted.requests);
      all.add(counted.median * factor, route.sigma, counted.requests);
    }
    if (one.requests > 0) data.push({ start, apdex: 0.9 + 0.09 * noise("apdex", start), ...one.figures() });
  }
  return { range, as_of: now() - (now() % 10), data, next: null, histogram: all.histogram() };
}

function endpoints(query: URLSearchParams) {
  const range = rangeOf(query);
  const data = routesOf(query).map(route => {
    const totals: Record<string, number> = {};
    for (const start of steps(range)) {
      for (const [status, count] of Object.entries(countStep(route, start, range.step_secs, now())?.byStatus ?? {})) {
        if (wanted(status, query.get("status")))
          totals[status] = (totals[status] ?? 0) + Math.round(count * shareOf(query));
      }
    }
    const requests = sumOf(totals, "");
    const server_errors = sumOf(totals, "5");
    const figures =
      requests > 0
        ? figuresOf(route.median, route.sigma)
        : { p50_ms: null, p75_ms: null, p95_ms: null, p99_ms: null, mean_ms: null, max_ms: null };
    return {
      method: route.method,
      path: route.path,
      requests,
      client_errors: sumOf(totals, "4"),
      server_errors,
      validation_errors: totals["422"] ?? 0,
      by_status: totals,
      ...figures,
      total_ms: requests * (figures.mean_ms ?? 0),
      apdex: requests > 0 ? Math.max(0, 1 - server_errors / requests - (route.median > 400 ? 0.35 : 0.01)) : null,
      apdex_threshold_ms: 500,
      expected_errors: 0,
      expected_server_errors: 0,
      request_bytes: requests * 240,
      response_bytes: requests * route.responseBytes,
      first_seen_at: route.rate === 0 ? null : startedAt - 40 * 86_400,
      last_seen_at: route.rate === 0 ? null : now() - Math.floor(noise(route.path) * (60 / Math.max(route.rate, 0.01))),
    };
  });
  return { range: { ...range, step_secs: null }, as_of: now() - (now() % 10), data, next: null };
}

function errorStatuses(query: URLSearchParams) {
  const rows = endpoints(query).data.flatMap(({ method, path, requests, by_status, last_seen_at }) =>
    Object.entries(by_status)
      .filter(([status]) => status >= "400")
      .map(([status, count]) => ({
        ...{ method, path, status: Number(status), count, requests, expected: false },
        ...{ consumers: Math.min(4, count), more_consumers: false },
        ...{ last_seen_at: last_seen_at ?? startedAt, last_seen_secs: 60 },
      })),
  );
  return list(query, rows);
}

function summary(query: URLSearchParams) {
  const { range, as_of, data } = traffic(query);
  const { histogram } = latency(query);
  const sum = (pick: (step: (typeof data)[number]) => number) => data.reduce((total, step) => total + pick(step), 0);
  const every = Math.max(1, Math.floor(data.length / 48));
  const spark = (step: (typeof data)[number]) => ({
    start: step.start,
    requests: step.requests,
    client_errors: sumOf(step.by_status, "4"),
    server_errors: sumOf(step.by_status, "5"),
    expected_errors: 0,
    expected_server_errors: 0,
  });
  const { p50_ms, p95_ms, p99_ms } = histogram;
  const figures = {
    requests: sum(step => step.requests),
    client_errors: sum(step => sumOf(step.by_status, "4")),
    server_errors: sum(step => sumOf(step.by_status, "5")),
  };
  const sizes = { request_bytes: sum(step => step.request_bytes), response_bytes: sum(step => step.response_bytes) };
  return {
    range: { ...range, step_secs: range.step_secs * every },
    as_of,
    data: {
      ...figures,
      ...sizes,
      apdex: 0.94,
      apdex_threshold_ms: 500,
      expected_errors: 0,
      expected_server_errors: 0,
      p50_ms,
      p95_ms,
      p99_ms,
      sparkline: data.filter((_, index) => index % every === 0).map(spark),
    },
  };
}

/** Rows of the heatmap: four to a doubling, from 0.1 ms to a minute. */
const HEAT_ROWS = Array.from({ length: 80 }, (_, row) => ({
  ge_ms: 0.1 * 2 ** (row / 4),
  le_ms: 0.1 * 2 ** ((row + 1) / 4),
}));

function heatmap(query: URLSearchParams) {
  const range = rangeOf(query);
  const data = [];
  for (const start of steps(range)) {
    const one = new Durations();
    for (const route of routesOf(query)) {
      const counted = countStep(route, start, range.step_secs, now());
      if (counted) one.add(counted.median, route.sigma, counted.requests);
    }
    const counts = HEAT_ROWS.map(({ ge_ms, le_ms }) =>
      one
        .histogram()
        .buckets.reduce((sum, bucket) => sum + (bucket.le_ms > ge_ms && bucket.le_ms <= le_ms ? bucket.count : 0), 0),
    );
    if (one.requests > 0) data.push({ start, counts });
  }
  return { range, as_of: now(), rows: HEAT_ROWS, data };
}

function sizes(query: URLSearchParams) {
  const histogram = (median: number) => {
    const buckets = Array.from({ length: 25 }, (_, place) => {
      const ge_bytes = median * 2 ** ((place - 12) / 4);
      return { ge_bytes, le_bytes: ge_bytes * 2 ** 0.25, count: Math.round(900 * Math.exp(-((place - 12) ** 2) / 20)) };
    });
    const bodies = buckets.reduce((sum, one) => sum + one.count, 0);
    const figures = { p50_bytes: median, p95_bytes: median * 2.4, p99_bytes: median * 3.6, mean_bytes: median * 1.1 };
    return { bodies, bytes: bodies * median, empty: 40, buckets, ...figures };
  };
  const response = histogram(routesOf(query)[0]?.responseBytes ?? 900);
  return { range: { ...rangeOf(query), step_secs: null }, as_of: now(), data: { request: histogram(240), response } };
}

function activity(query: URLSearchParams) {
  const range = rangeOf(query);
  const data = [...steps(range)].map(start => ({
    start,
    new: Number(noise("new", start) < 0.02),
    returning: 2 + Math.round(noise("back", start) * 2),
  }));
  return { range, as_of: now(), data, next: null };
}

function errorGroup(query: URLSearchParams) {
  const range = rangeOf(query);
  const counts = [...steps(range)].flatMap(start => {
    const count = Math.floor(noise("group", start) * 4);
    return count > 0 ? [{ start, count }] : [];
  });
  const versions = [{ version: "2.4.1", first_seen_at: range.from, last_seen_at: now() - 300 }];
  const consumers = [
    { consumer: { consumer_id: "c0", identifier: "acme", name: "Acme Stores", group: "enterprise" }, count: 12 },
  ];
  return { range, as_of: now(), data: { counts, versions, consumers } };
}

function instances() {
  const one = (index: number, extra: object) => ({
    instance_id: `7c0ffee0-0000-4000-8000-00000000000${index}`,
    app_version: "2.4.1",
    sdk: "sendry-sdk 0.1.0",
    framework: "axum 0.8",
    host: `shop-${index}.internal`,
    started_at: startedAt - index * 7200,
    first_report_at: startedAt - index * 7200,
    last_report_at: now() - (now() % 10),
    reports: 4200 - index * 700,
    missing_reports: 0,
    clock_offset_ms: index * 3,
    ended: false,
    ...extra,
  });
  return [
    one(1, {}),
    one(2, { clock_offset_ms: -84_000 }),
    one(3, { missing_reports: 2 }),
    one(4, { ended: true, app_version: "2.4.0", last_report_at: startedAt - 9 * 3600 }),
  ];
}

const LOSSES = [
  {
    reason: "reports_expired",
    detail: "",
    count: 1840,
    first_seen_at: startedAt - 18_000,
    last_seen_at: startedAt - 16_200,
  },
  {
    reason: "text_cut",
    detail: "server_error.message",
    count: 12,
    first_seen_at: startedAt - 60_000,
    last_seen_at: startedAt - 4000,
  },
];

export const list = (query: URLSearchParams, data: unknown[]) => ({
  range: { ...rangeOf(query), step_secs: null },
  as_of: now(),
  data,
  next: null,
});
export const READS: Record<string, (query: URLSearchParams) => unknown> = {
  traffic,
  latency,
  endpoints,
  summary,
  "error-statuses": errorStatuses,
  "expected-errors": () => ({ data: [] }),
  apdex: () => ({ threshold_ms: null, endpoints: [] }),
  heatmap,
  sizes,
  activity,
  "error-groups": errorGroup,
  releases: query => list(query, []),
  "consumer-groups": query => list(query, groups(consumers(query, endpoints(query).data))),
  instances: query => list(query, instances()),
  losses: query => list(query, LOSSES),
  "validation-errors": query => list(query, validationErrors(query, endpoints(query).data)),
  "server-errors": query => list(query, serverErrors(endpoints(query).data)),
  consumers: query => list(query, consumers(query, endpoints(query).data)),
};
