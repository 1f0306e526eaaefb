/** The mock's apps: their environments, and how each does. */
import { consumers, serverErrors, validationErrors } from "./callers.ts";
import type { Reply } from "./hub.ts";
import { list, now, READS, startedAt } from "./reads.ts";

export const SHOP = "0b6e5c1e-3a52-4f0e-9c52-6f1f0e6f7d01";
const FRESH = "0b6e5c1e-3a52-4f0e-9c52-6f1f0e6f7d02";
const DAY = 86_400;
/** From its last report on, until an environment can be deleted. */
const SILENT_SECS = 3900;

export interface MockApp {
  app_id: string;
  name: string;
  created_at: number;
}

export const apps: MockApp[] = [
  { app_id: SHOP, name: "shop", created_at: startedAt - 40 * DAY },
  { app_id: "0b6e5c1e-3a52-4f0e-9c52-6f1f0e6f7d03", name: "payments-gateway", created_at: startedAt - 20 * DAY },
  { app_id: FRESH, name: "fresh", created_at: startedAt - 600 },
];

/** Environments that were deleted, as `app_id/env`. */
const deleted = new Set<string>();

const reporting = (app: MockApp) => app.app_id !== FRESH && app.created_at < startedAt;

export function environments(app: MockApp) {
  if (!reporting(app)) return [];
  const env = (name: string, age: number, instances: number) => ({
    env: name,
    first_report_at: app.created_at,
    last_report_at: now() - age,
    instances,
  });
  const all =
    app.app_id === SHOP
      ? [env("prod", now() % 10, 3), env("staging", 640, 1), env("load-test", 3 * DAY, 0)]
      : [env("prod", now() % 10, 2)];
  return all.filter(one => !deleted.has(`${app.app_id}/${one.env}`));
}

const described = (app: MockApp) => ({ ...app, environments: environments(app) });

export const appList = (query: URLSearchParams) => list(query, apps.map(described));

/** Lists the environments, or deletes one. */
export function configured(app: MockApp, method: string, env: string | undefined): Reply {
  const all = environments(app).map(one => ({
    ...one,
    created_at: one.first_report_at,
    deletable_at: one.last_report_at + SILENT_SECS,
  }));
  if (method === "GET") return { status: 200, body: { data: all } };
  const found = all.find(one => one.env === env);
  if (found && found.deletable_at > now())
    return {
      status: 409,
      body: { type: "still_reporting", title: "Conflict", status: 409, detail: `"${env}" reported lately.` },
    };
  deleted.add(`${app.app_id}/${env}`);
  return { status: 204 };
}

type Read = (query: URLSearchParams) => never;
const read = (name: string, query: URLSearchParams) => (READS[name] as Read)(query);

export function overview(query: URLSearchParams) {
  const { data: endpoints } = read("endpoints", query) as { data: Parameters<typeof serverErrors>[0] };
  const { range, data: summary } = read("summary", query) as { range: object; data: object };
  const rows = apps.map(described).map(app => {
    const shown = app.environments.find(one => one.env === query.get("env")) ?? app.environments[0];
    if (!shown) return { ...app, env: null, figures: null };
    const isShop = app.app_id === SHOP;
    const problems = {
      server_errors: isShop ? serverErrors(endpoints).length : 0,
      validation_errors: isShop ? validationErrors(query, endpoints).length : 1,
      missing_reports: isShop ? 2 : 0,
      losses: isShop ? 1852 : 0,
    };
    const { instances, last_report_at } = shown;
    const callers = { consumers: consumers(query, endpoints).length, new_consumers: Number(isShop) };
    return { ...app, env: shown.env, figures: { summary, ...callers, instances, last_report_at, problems } };
  });
  return { ...list(query, rows), range };
}
