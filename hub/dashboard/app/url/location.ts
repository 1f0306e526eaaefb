/**
 * The address bar as the one store of what is looked at: path and query, relative to where the dashboard is mounted.
 * Components read it with `useLocation` and change it with `navigate`.
 */
import { useSyncExternalStore } from "react";
import { BASE } from "./base";

export interface Location {
  /** Always starts with `/`; the sub-path is taken off. */
  path: string;
  params: URLSearchParams;
}

const listeners = new Set<() => void>();
let current: Location | null = null;

function read(): Location {
  const { pathname, search } = window.location;
  const path = pathname.startsWith(BASE) ? `/${pathname.slice(BASE.length)}` : pathname;
  return { path, params: new URLSearchParams(search) };
}

function changed(): void {
  current = read();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("popstate", changed);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("popstate", changed);
  };
}

export function location(): Location {
  current ??= read();
  return current;
}

export function useLocation(): Location {
  return useSyncExternalStore(subscribe, location);
}

/** The real address of a path of the dashboard. */
export function addressOf(path: string): string {
  return BASE + path.replace(/^\//, "");
}

/** Goes to a path with its query. `replace` keeps the history as it is: for what the reader did not decide. */
export function navigate(path: string, mode: "push" | "replace" = "push"): void {
  const address = addressOf(path);
  if (address === window.location.pathname + window.location.search) return;
  window.history[mode === "push" ? "pushState" : "replaceState"](null, "", address);
  changed();
  if (mode === "push" && address.split("?")[0] !== current?.path) document.documentElement.scrollTop ||= 0;
}

/** The current path with some query parameters changed; `null` and `""` take a parameter away. */
export function withParams(changes: Record<string, string | null>, from: Location = location()): string {
  return pathWith(from.path, from.params, changes);
}

export function pathWith(path: string, params: URLSearchParams, changes: Record<string, string | null>): string {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  const query = next.toString();
  return query === "" ? path : `${path}?${query}`;
}
