/** The list of requests as it grows: pages of older ones at its end, newer ones at its beginning. */
import type { LogList, LogRow } from "../../../api/model";

export interface Rows {
  rows: readonly LogRow[];
  /** Where older ones begin; null when there are none. */
  next: string | null;
  /** The search stopped here because it had looked at enough; in microseconds. */
  stoppedAtUs: number | null;
}

export const NONE: Rows = { rows: [], next: null, stoppedAtUs: null };

const idsOf = (rows: readonly LogRow[]) => new Set(rows.map(row => row.id));

export function withOlder(held: Rows, page: LogList): Rows {
  const known = idsOf(held.rows);
  const older = page.data.filter(row => !known.has(row.id));
  return { rows: [...held.rows, ...older], next: page.next ?? null, stoppedAtUs: page.stopped_at_us ?? null };
}

/** Those of `found` that are not in the list yet, in the order of the list: the newest first. */
export function newerThan(held: readonly LogRow[], found: readonly LogRow[]): LogRow[] {
  const known = idsOf(held);
  return found.filter(row => !known.has(row.id)).toSorted((a, b) => b.time_us - a.time_us || (a.id < b.id ? 1 : -1));
}

/**
 * Puts newer ones where they belong. Requests are told of when they end, so that one that began earlier may come later: it is
 * put among the others.
 */
export function withNewer(held: Rows, newer: readonly LogRow[]): Rows {
  if (newer.length === 0) return held;
  const rows = [...held.rows, ...newer].sort((a, b) => b.time_us - a.time_us || (a.id < b.id ? 1 : -1));
  return { ...held, rows };
}

export interface Shown {
  first: number;
  last: number;
}

/** Which rows of a list stand in its window, with some beyond both edges. */
export function rowsInView(scrolled: number, height: number, rowHeight: number, count: number, beyond = 12): Shown {
  const first = Math.max(0, Math.floor(scrolled / rowHeight) - beyond);
  return { first, last: Math.min(count, Math.ceil((scrolled + height) / rowHeight) + beyond) };
}
