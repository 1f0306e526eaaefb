/** The routes of the mock's shop: how often each is called, how long it takes, how it fails. */

export interface MockRoute {
  method: string;
  path: string;
  /** Requests a minute at noon; 0: never called. */
  rate: number;
  /** Median milliseconds. */
  median: number;
  /** Spread of the log-normal distribution. */
  sigma: number;
  clientErrors: number;
  serverErrors: number;
  responseBytes: number;
}

const RESOURCES = [
  "products",
  "orders",
  "customers",
  "carts",
  "invoices",
  "shipments",
  "returns",
  "coupons",
  "reviews",
  "suppliers",
];

function resource(name: string, index: number): MockRoute[] {
  const busy = 70 / (index + 1);
  const slow = index === 4 ? 6 : 1;
  const route = (
    method: string,
    path: string,
    share: number,
    median: number,
    clientErrors: number,
    serverErrors = 0.0004,
  ) => ({
    method,
    path,
    rate: busy * share,
    median: median * slow,
    sigma: 0.45 + (index % 3) * 0.15,
    clientErrors,
    serverErrors: index === 3 ? serverErrors * 20 : serverErrors,
    responseBytes: method === "GET" ? 2400 + index * 700 : 320,
  });
  return [
    route("GET", `/api/v1/${name}`, 1, 24, 0.002),
    route("POST", `/api/v1/${name}`, 0.18, 61, 0.06, 0.002),
    route("GET", `/api/v1/${name}/{id}`, 1.6, 9, 0.03),
    route("PUT", `/api/v1/${name}/{id}`, 0.12, 48, 0.04),
    route("DELETE", `/api/v1/${name}/{id}`, index > 6 ? 0 : 0.02, 18, 0.01),
  ];
}

const single = (
  method: string,
  path: string,
  rate: number,
  median: number,
  clientErrors = 0,
  serverErrors = 0,
): MockRoute => ({
  method,
  path,
  rate,
  median,
  sigma: 0.6,
  clientErrors,
  serverErrors,
  responseBytes: 900,
});

export const ROUTES: readonly MockRoute[] = [
  ...RESOURCES.flatMap(resource),
  single("POST", "/api/v1/login", 9, 140, 0.11),
  single("POST", "/api/v1/checkout", 6, 420, 0.05, 0.012),
  single("GET", "/api/v1/search", 38, 85, 0.004, 0.001),
  single("GET", "/api/v1/reports/revenue/{year}/{month}", 0.05, 3800, 0, 0.03),
  single("PATCH", "/api/v1/customers/{customer_id}/addresses/{address_id}/preferences", 0.3, 35, 0.02),
  single("GET", "/health", 12, 0.4),
  single("GET", "(unmatched)", 1.4, 0.6, 1),
  single("GET", "(other)", 0.2, 20, 0.1),
  single("POST", "/api/v1/admin/reindex", 0, 1),
  single("GET", "/api/v1/admin/audit-log", 0, 1),
  single("HEAD", "/<img src=x onerror=alert(1)>/{id}", 0.02, 5, 0.5),
];
