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
  login: "/login",
};

export type Page = { name: "apps" | "login" | "first-setup" | "not-found" } | { name: AppPageName; appId: string };

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
  if (first === "login" && appId === undefined) return { name: "login" };
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
