/** The mock's request logs: one every few seconds of the last day, each the same whenever it is asked for. */
import { CALLERS } from "./callers.ts";
import { noise } from "./generate.ts";
import type { Reply } from "./hub.ts";
import { type MockRoute, ROUTES } from "./routes.ts";

const EVERY_SECS = 3;
const DAYS_SECS = 86_400;
const PAGE_MAX = 1000;
const BUSY = ROUTES.filter(route => route.rate > 0);
const WEIGHT = BUSY.reduce((sum, route) => sum + route.rate, 0);

interface Log {
  number: number;
  time_us: number;
  route: MockRoute;
  status: number;
  duration_ms: number;
  caller: (typeof CALLERS)[number] | null;
}

function routeOf(number: number): MockRoute {
  let left = noise("route", number) * WEIGHT;
  for (const route of BUSY) {
    left -= route.rate;
    if (left <= 0) return route;
  }
  return BUSY[0] as MockRoute;
}

function statusOf(route: MockRoute, number: number): number {
  const luck = noise("status", number);
  if (luck < route.serverErrors * 8) return luck < route.serverErrors * 6 ? 500 : 503;
  if (luck > 1 - route.clientErrors) return route.method === "GET" ? 404 : 422;
  return route.method === "POST" ? 201 : route.method === "DELETE" ? 204 : 200;
}

function logOf(number: number): Log {
  const route = routeOf(number);
  const spread = Math.exp(route.sigma * (noise("d", number) + noise("e", number) + noise("f", number) - 1.5) * 2);
  return {
    number,
    time_us: Math.round((number * EVERY_SECS + noise("t", number) * EVERY_SECS) * 1_000_000),
    route,
    status: statusOf(route, number),
    duration_ms: Math.round(route.median * spread * 1000) / 1000,
    caller: noise("nobody", number) < 0.2 ? null : (CALLERS[Math.floor(noise("c", number) * CALLERS.length)] ?? null),
  };
}

const idOf = (number: number) => `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
const numberOf = (id: string) => Number.parseInt(id.slice(-12), 16);
const traceOf = (number: number) => (noise("trace", number) * 2 ** 52).toString(16).padStart(32, "a").slice(-32);
const urlOf = ({ route, number }: Log) =>
  route.path.replaceAll(/\{[^}]+\}/g, () => String(1000 + Math.floor(noise("id", number) * 9000))) +
  (route.method === "GET" && noise("q", number) < 0.4 ? "?page=2&token=******" : "");

const consumerOf = (caller: Log["caller"]) =>
  caller && { consumer_id: caller.consumer_id, identifier: caller.identifier, name: caller.name, group: caller.group };

function rowOf(log: Log) {
  const { route, number, time_us, status, duration_ms, caller } = log;
  return {
    id: idOf(number),
    time_us,
    method: route.method,
    path: route.path,
    url: urlOf(log),
    status,
    duration_ms,
    consumer: consumerOf(caller),
    client_address: "203.0.113.7",
    trace_id: traceOf(number),
    request_bytes: route.method === "GET" ? 0 : 214,
    response_bytes: status === 204 ? 0 : route.responseBytes,
  };
}

const fitsStatus = (status: number, wanted: string | null) =>
  wanted === null || wanted.split(",").some(one => one === String(status) || one === `${Math.floor(status / 100)}xx`);
const fitsPath = (path: string, wanted: string | null) =>
  wanted === null ||
  new RegExp(
    `^${wanted
      .split("*")
      .map(part => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  ).test(path);

function fits(log: Log, query: URLSearchParams): boolean {
  const given = (name: string) => query.get(name) || null;
  const is = (name: string, value: string | undefined) => given(name) === null || given(name) === value;
  const [min, max] = [given("min_ms"), given("max_ms")];
  const text = given("text")?.toLowerCase();
  return (
    is("method", log.route.method) &&
    fitsPath(log.route.path, given("path")) &&
    fitsStatus(log.status, given("status")) &&
    is("consumer", log.caller?.identifier ?? undefined) &&
    is("trace_id", traceOf(log.number)) &&
    (min === null || log.duration_ms >= Number(min)) &&
    (max === null || log.duration_ms <= Number(max)) &&
    (text === undefined || JSON.stringify(detailOf(log)).toLowerCase().includes(text))
  );
}

/** The newest first. */
function* found(query: URLSearchParams): Generator<Log> {
  const now = Date.now() / 1000;
  const from = Math.max(Number(query.get("from")), now - DAYS_SECS);
  const before = query.get("next");
  const last = Math.floor(Math.min(Number(query.get("to")), now) / EVERY_SECS) - 1;
  for (let number = before === null ? last : Number(before) - 1; number * EVERY_SECS >= from; number -= 1) {
    const log = logOf(number);
    if (fits(log, query)) yield log;
  }
}

const rangeOf = (query: URLSearchParams, step_secs: number | null) => ({
  from: Number(query.get("from")),
  to: Number(query.get("to")),
  step_secs,
  tier: "request",
  tz: query.get("tz") ?? "UTC",
});

function list(query: URLSearchParams) {
  const limit = Math.min(PAGE_MAX, Number(query.get("limit") ?? 100));
  const data: Log[] = [];
  for (const log of found(query)) {
    data.push(log);
    if (data.length > limit) break;
  }
  const next = data.length > limit ? String(data[limit - 1]?.number) : null;
  const rows = data.slice(0, limit).map(rowOf);
  return { range: rangeOf(query, null), as_of: now(), data: rows, next, stopped_at_us: null, searched: rows.length };
}

const now = () => Math.floor(Date.now() / 1000);

function timeline(query: URLSearchParams) {
  const range = rangeOf(query, null);
  const step = [1, 5, 15, 60, 300, 900, 3600].find(one => (range.to - range.from) / one <= 200) ?? 7200;
  const steps = new Map<number, Record<string, number>>();
  for (const log of found(query)) {
    const start = Math.floor(log.time_us / 1_000_000 / step) * step;
    const counts = steps.get(start) ?? {};
    counts[log.status] = (counts[log.status] ?? 0) + 1;
    steps.set(start, counts);
  }
  const data = [...steps]
    .sort(([a], [b]) => a - b)
    .map(([start, by_status]) => ({
      start,
      requests: Object.values(by_status).reduce((sum, count) => sum + count, 0),
      by_status,
    }));
  return { range: rangeOf(query, step), as_of: now(), data, stopped_at_us: null };
}

function facets(query: URLSearchParams) {
  const all = [...found(query)];
  const tops = <T>(pick: (log: Log) => T | null) => {
    const counts = new Map<string, { value: T; count: number }>();
    for (const log of all) {
      const value = pick(log);
      if (value === null) continue;
      const key = JSON.stringify(value);
      counts.set(key, { value, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    return [...counts.values()].sort((a, b) => b.count - a.count).slice(0, 50);
  };
  return {
    range: rangeOf(query, null),
    as_of: now(),
    requests: all.length,
    methods: tops(log => log.route.method).map(({ value, count }) => ({ method: value, count })),
    endpoints: tops(({ route: { method, path } }) => ({ method, path })).map(({ value, count }) => ({
      ...value,
      count,
    })),
    statuses: tops(log => log.status).map(({ value, count }) => ({ status: value, count })),
    consumers: tops(log => consumerOf(log.caller)).map(({ value, count }) => ({ consumer: value, count })),
    stopped_at_us: null,
  };
}

const ORDER = JSON.stringify({
  id: 1042,
  customer: { name: "Ada <b>Lovelace</b>", email: "******", address: { street: "12 Rue des Lilas", city: "Lyon" } },
  items: [
    { sku: "TEA-001", quantity: 2, price: 4.5 },
    { sku: "CUP-114", quantity: 1, price: 12.0, gift: null, notes: [] },
  ],
  paid: true,
});

function halves({ route, status, number }: Log) {
  const json = { name: "content-type", value: "application/json" };
  const asked =
    route.method === "GET" ? { bytes: 0, text: null, missing: null } : { bytes: 214, text: ORDER, missing: null };
  const failed = JSON.stringify({
    type: "about:blank",
    title: "Unprocessable",
    status,
    detail: "items.0.quantity: must be at least 1",
  });
  const kept = noise("kept", number) < 0.7;
  const answered = status >= 400 ? failed : ORDER;
  return {
    request: {
      headers: [
        { name: "host", value: "api.shop.example" },
        { name: "authorization", value: "******" },
        { name: "user-agent", value: "shop-web/4.2 (<script>alert(1)</script>)" },
        ...(route.method === "GET" ? [] : [json]),
      ],
      body: asked,
    },
    response: {
      headers: [json, { name: "x-request-id", value: idOf(number).slice(0, 8) }],
      body: { bytes: route.responseBytes, text: kept ? answered : null, missing: kept ? null : "too_large" },
    },
  };
}

function spansOf({ duration_ms, status }: Log) {
  const span = (
    id: number,
    parent: number | null,
    name: string,
    at: number,
    long: number,
    busy: number,
    failed = false,
  ) => ({
    id,
    parent,
    name,
    target: "shop::handlers",
    offset_ms: at * duration_ms,
    duration_ms: long * duration_ms,
    busy_ms: busy * duration_ms,
    failed,
    fields: [{ name: "db.statement", value: "SELECT * FROM orders WHERE id = $1" }],
  });
  return [
    span(1, null, "authorise", 0.01, 0.12, 0.1),
    span(2, null, "handler", 0.14, 0.82, 0.2),
    span(3, 2, "load order", 0.16, 0.3, 0.02),
    span(4, 3, "query orders", 0.18, 0.26, 0.01),
    span(5, 2, "price rules", 0.5, 0.2, 0.18, status >= 500),
    span(6, 2, "render", 0.72, 0.2, 0.2),
  ];
}

function detailOf(log: Log) {
  const event = (at: number, level: string, message: string, span: number | null) => ({
    offset_ms: at * log.duration_ms,
    level,
    target: "shop::handlers::orders",
    message,
    span,
    fields: [{ name: "order_id", value: "1042" }],
  });
  const failed = log.status >= 500 ? [event(0.68, "error", "price rules: connection timeout after 3 tries", 5)] : [];
  return {
    ...rowOf(log),
    env: "prod",
    span_id: "00f067aa0ba902b7",
    ...halves(log),
    error:
      log.status < 500
        ? null
        : {
            type: "shop::prices::Timeout",
            message: "price rules: connection timeout after 3 tries",
            location: "src/prices.rs:41:9",
            backtrace: null,
          },
    logs: [
      event(0.02, "debug", "token accepted", 1),
      event(0.2, "info", "order loaded", 3),
      event(0.55, "warn", "price cache is cold", 5),
      ...failed,
    ],
    logs_cut: 0,
    spans: spansOf(log),
    spans_cut: 0,
  };
}

/** The logs as a file. */
export function exported(query: URLSearchParams): Reply {
  const logs = [...found(query)];
  const isCsv = query.get("format") !== "ndjson";
  const lines = logs.map(log =>
    isCsv ? [idOf(log.number), log.route.method, log.route.path, log.status].join() : JSON.stringify(detailOf(log)),
  );
  const text = [...(isCsv ? ["id,method,path,status"] : []), ...lines, ""].join(isCsv ? "\r\n" : "\n");
  const headers = { "x-sendry-rows": String(logs.length), "x-sendry-rows-max": "1000000" };
  return { status: 200, file: { type: isCsv ? "text/csv" : "application/x-ndjson", text, headers } };
}

/** `part` is what follows `request-logs/` in the path. */
export function requestLogs(part: string | undefined, query: URLSearchParams): unknown {
  if (part === undefined) return list(query);
  if (part === "timeline") return timeline(query);
  if (part === "facets") return facets(query);
  return detailOf(logOf(numberOf(part)));
}
