/** Consumers in their groups, and who is new. */
import type { Consumer, Range } from "../../api/model";

export interface Group {
  /** Null for those without one. */
  name: string | null;
  consumers: number;
  requests: number;
  client_errors: number;
  server_errors: number;
  request_bytes: number;
  response_bytes: number;
  last_seen_at: number;
}

/** The most requests first. Percentiles of consumers cannot be added up, so a group has none. */
export function groupsOf(rows: readonly Consumer[]): Group[] {
  const groups = new Map<string | null, Group>();
  for (const row of rows) {
    const name = row.group ?? null;
    const sum = groups.get(name);
    groups.set(name, {
      name,
      consumers: (sum?.consumers ?? 0) + 1,
      requests: (sum?.requests ?? 0) + row.requests,
      client_errors: (sum?.client_errors ?? 0) + row.client_errors,
      server_errors: (sum?.server_errors ?? 0) + row.server_errors,
      request_bytes: (sum?.request_bytes ?? 0) + row.request_bytes,
      response_bytes: (sum?.response_bytes ?? 0) + row.response_bytes,
      last_seen_at: Math.max(sum?.last_seen_at ?? 0, row.last_seen_at),
    });
  }
  return [...groups.values()].sort((a, b) => b.requests - a.requests);
}

/** Seen for the first time ever within the range. */
export const isNew = (row: Pick<Consumer, "first_seen_at">, range: Pick<Range, "from">) =>
  row.first_seen_at >= range.from;
