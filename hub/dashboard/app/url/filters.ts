/** The filters in the address that every page understands in the same way: by consumer, method, path and status. */
import { useMemo } from "react";
import { useLocation } from "./location";

export const FILTERS = ["consumer", "method", "path", "status"] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filters = Partial<Record<FilterName, string>>;

export const FILTER_LABELS: Record<FilterName, string> = {
  consumer: "Consumer",
  method: "Method",
  path: "Path",
  status: "Status",
};

/** Takes all filters away: another app has other consumers and routes. */
export const NO_FILTERS: Record<FilterName, null> = { consumer: null, method: null, path: null, status: null };

/** The filters of an address, of those that a page understands. */
export function filtersOf(params: URLSearchParams, known: readonly FilterName[] = FILTERS): Filters {
  const filters: Filters = {};
  for (const name of known) {
    const value = params.get(name);
    if (value !== null && value !== "") filters[name] = value;
  }
  return filters;
}

/** The same object as long as the filters are the same. */
export function useFilters(known: readonly FilterName[]): Filters {
  const { params } = useLocation();
  const text = JSON.stringify(filtersOf(params, known));
  return useMemo(() => JSON.parse(text) as Filters, [text]);
}

/** A status as the hub understands it: `404`, or a class such as `4xx`. Null for anything else. */
export function statusOf(text: string): string | null {
  const status = text.trim().toLowerCase();
  return /^[1-5](xx|\d\d)$/.test(status) ? status : null;
}

/** Whether a path is the one of a filter, in which `*` stands for any characters, as for the hub. */
export function fitsPath(path: string, filter: string): boolean {
  const [first = "", ...rest] = filter.split("*");
  if (rest.length === 0) return path === filter;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return path.startsWith(first) && path.endsWith(last) && path.length - last.length >= at;
}
