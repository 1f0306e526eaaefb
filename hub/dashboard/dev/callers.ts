/** The mock's consumers, and the fields that they send wrongly: shares of the traffic of the endpoints. */

interface Caller {
  consumer_id: string;
  /** Null once it was forgotten. */
  identifier: string | null;
  name: string | null;
  group: string;
  share: number;
  wrong: number;
}

const caller = (
  consumer_id: string,
  identifier: string,
  name: string | null,
  group: string,
  share: number,
  wrong: number,
): Caller => ({ consumer_id, identifier, name, group, share, wrong });

export const CALLERS: Caller[] = [
  caller("c0ffee0", "acme", "Acme Stores", "enterprise", 0.34, 0.1),
  caller("c0ffee1", "web-shop", "Web shop", "first party", 0.27, 0.1),
  caller("c0ffee2", "northwind", "Northwind Traders", "enterprise", 0.11, 0.55),
  caller("c0ffee3", "<b>price-watch</b>", null, "partner", 0.06, 0.05),
];

/** Which share of the requests a question is about. */
export function shareOf(query: URLSearchParams): number {
  const consumer = query.get("consumer");
  return consumer === null ? 1 : (CALLERS.find(one => one.identifier === consumer)?.share ?? 0);
}

interface Counted {
  method: string;
  path: string;
  requests: number;
  client_errors: number;
  server_errors: number;
  validation_errors: number;
  last_seen_at: number | null;
}

const now = () => Math.floor(Date.now() / 1000);

export function consumers(query: URLSearchParams, endpoints: readonly Counted[]) {
  const sum = (pick: (row: Counted) => number) => endpoints.reduce((total, row) => total + pick(row), 0);
  const asked = CALLERS.filter(one => [null, one.identifier].includes(query.get("consumer")));
  const rows = asked.map(({ consumer_id, identifier, name, group, share, wrong }, index) => ({
    consumer_id,
    identifier,
    name: identifier === null ? null : name,
    group: identifier === null ? null : group,
    requests: Math.round(sum(row => row.requests) * share),
    client_errors: Math.round(sum(row => row.client_errors) * wrong),
    server_errors: Math.round(sum(row => row.server_errors) * share),
    p50_ms: 12 + index * 3,
    p95_ms: 95 + index * 20,
    p99_ms: 240 + index * 60,
    request_bytes: Math.round(sum(row => row.requests) * share * 240),
    response_bytes: Math.round(sum(row => row.requests) * share * 2400),
    first_seen_at: now() - (index === 2 ? 7200 : 30 * 86_400),
    last_seen_at: now() - index * 400,
  }));
  return rows.filter(row => row.requests > 0);
}

/** The consumers in their groups, the most requests first. */
export function groups(rows: ReturnType<typeof consumers>) {
  const names = [...new Set(rows.map(row => row.group))];
  const sums = names.map(group => {
    const own = rows.filter(row => row.group === group);
    const sum = (pick: (row: (typeof rows)[number]) => number) => own.reduce((total, row) => total + pick(row), 0);
    return {
      group,
      consumers: own.length,
      requests: sum(row => row.requests),
      client_errors: sum(row => row.client_errors),
      server_errors: sum(row => row.server_errors),
      request_bytes: sum(row => row.request_bytes),
      response_bytes: sum(row => row.response_bytes),
      p50_ms: 14,
      p95_ms: 120,
      p99_ms: 300,
    };
  });
  return sums.sort((a, b) => b.requests - a.requests);
}

const FIELDS = [
  ["body", "items.*.quantity", "must be at least 1", "range", 0.5],
  ["body", "customer.email", "is not a valid e-mail address", "email", 0.3],
  ["query", "<img src=x onerror=alert(1)>", "unknown variant `<script>`, expected one of `asc`, `desc`", "", 0.2],
] as const;

const wanted = (status: number, filter: string | null) =>
  !filter || filter === String(status) || filter === `${String(status)[0]}xx`;

export function validationErrors(query: URLSearchParams, endpoints: readonly Counted[]) {
  const consumer = query.get("consumer");
  const caller = CALLERS.find(one => one.identifier === consumer);
  const share = consumer === null ? 1 : caller === undefined ? 0 : caller.wrong / caller.share;
  return endpoints
    .filter(row => row.validation_errors > 0)
    .flatMap(row =>
      FIELDS.map(([location, field, message, code, part]) => ({
        method: row.method,
        path: row.path,
        status: location === "query" ? 400 : 422,
        expected: false,
        location,
        field,
        message,
        code,
        count: Math.round(row.validation_errors * part * share),
        consumers: consumer === null ? CALLERS.length : 1,
        group_id: `${row.method}${row.path}${field}`.replaceAll(/\W/g, "").toLowerCase(),
        first_version: "2.4.0",
        last_version: "2.4.1",
        first_seen_at: now() - 80_000,
        last_seen_at: row.last_seen_at ?? now(),
      })),
    )
    .filter(row => row.count > 0 && wanted(row.status, query.get("status")))
    .sort((a, b) => b.count - a.count);
}

/** Endpoints that fail, with a panic or an error in turn. */
export function serverErrors(endpoints: readonly Counted[]) {
  const failing = endpoints.filter(row => row.server_errors > 0).slice(0, 6);
  return failing.map((row, index) => ({
    method: row.method,
    path: row.path,
    status: 500,
    type: index % 2 === 0 ? "panic" : "shop::Error<b>",
    message: index % 2 === 0 ? "index out of bounds: the len is 3 but the index is 3" : "<script>alert(1)</script>",
    location: index % 2 === 0 ? "src/pricing.rs:88:21" : null,
    backtrace: index % 2 === 0 ? "   0: shop::pricing::discount\n             at src/pricing.rs:88:21\n" : null,
    count: row.server_errors,
    consumers: CALLERS.length,
    group_id: `cause${index}`,
    first_version: "2.4.1",
    last_version: "2.4.1",
    first_seen_at: now() - 80_000,
    last_seen_at: row.last_seen_at ?? now(),
  }));
}
