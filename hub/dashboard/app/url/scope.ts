/** What is kept from page to page: environment, time range and filters. Each page has its own parameters beside it. */
import { FILTERS } from "./filters";
import { type Location, pathWith } from "./location";

const KEPT = ["env", "range", "from", "to", "compare", ...FILTERS] as const;

/** A path of the dashboard with the scope of the current address, and the page's own parameters. */
export function scopedPath(from: Location, path: string, own: Record<string, string | null> = {}): string {
  const kept = new URLSearchParams();
  for (const name of KEPT) {
    const value = from.params.get(name);
    if (value !== null) kept.set(name, value);
  }
  return pathWith(path, kept, own);
}

export const paths = {
  apps: "/",
  traffic: (appId: string) => `/apps/${encodeURIComponent(appId)}/traffic`,
  logs: (appId: string) => `/apps/${encodeURIComponent(appId)}/logs`,
  performance: (appId: string) => `/apps/${encodeURIComponent(appId)}/performance`,
  resources: (appId: string) => `/apps/${encodeURIComponent(appId)}/resources`,
  endpoint: (appId: string) => `/apps/${encodeURIComponent(appId)}/endpoint`,
  errors: (appId: string) => `/apps/${encodeURIComponent(appId)}/errors`,
  validation: (appId: string) => `/apps/${encodeURIComponent(appId)}/validation`,
  consumers: (appId: string) => `/apps/${encodeURIComponent(appId)}/consumers`,
  instances: (appId: string) => `/apps/${encodeURIComponent(appId)}/instances`,
  setup: (appId: string) => `/apps/${encodeURIComponent(appId)}/setup`,
  settings: (section: string, id?: string) =>
    `/settings/${section}${id === undefined ? "" : `/${encodeURIComponent(id)}`}`,
  system: "/system",
  login: "/login",
};

export type Page =
  | { name: "apps" | "system" | "login" | "first-setup" | "invitation" | "password-reset" | "not-found" }
  | { name: "settings"; section: string; of: string | null }
  | { name: AppPageName; appId: string };

/** Pages of one word. */
const SINGLE = ["system", "login", "invitation", "password-reset"] as const;

const APP_PAGES = [
  "traffic",
  "endpoint",
  "errors",
  "validation",
  "logs",
  "performance",
  "consumers",
  "resources",
  "instances",
  "setup",
] as const;
type AppPageName = (typeof APP_PAGES)[number];

/** Which page a path means. */
export function pageOf(path: string): Page {
  const [first, appId, page, ...rest] = path.split("/").filter(part => part !== "");
  if (first === undefined) return { name: "apps" };
  const single = SINGLE.find(one => one === first);
  if (single && appId === undefined) return { name: single };
  if (first === "settings" && rest.length === 0)
    return { name: "settings", section: appId ?? "account", of: page === undefined ? null : decode(page) };
  if (first === "setup" && appId === undefined) return { name: "first-setup" };
  if (first !== "apps" || appId === undefined || rest.length > 0) return { name: "not-found" };
  const name = page === undefined ? "traffic" : APP_PAGES.find(one => one === page);
  return name === undefined ? { name: "not-found" } : { name, appId: decode(appId) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The path to return to after logging in: only ever one of ours, never an address elsewhere. */
export function safeNext(next: string | null): string {
  return next?.startsWith("/") && !/^\/[/\\]/.test(next) && !next.startsWith("/login") ? next : "/";
}
