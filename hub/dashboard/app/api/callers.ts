/** Who is behind a count: the consumers of an endpoint that failed, with how often each. */
import type { ErrorGroup, TrafficScope, ValidationError } from "./model";
import * as queries from "./queries";

export interface Caller {
  identifier: string;
  name: string | null;
  group: string | null;
  count: number;
}

export interface Callers {
  rows: Caller[];
  /** What is left: requests of others, or without a consumer. */
  rest: number;
}

/** More callers than this are not looked at one by one; they are among the rest. */
const CALLERS_ASKED = 24;

export function callersOf(rows: readonly Caller[], total: number): Callers {
  const shown = rows.filter(row => row.count > 0).toSorted((a, b) => b.count - a.count);
  const named = shown.reduce((sum, row) => sum + row.count, 0);
  return { rows: shown, rest: Math.max(0, total - named) };
}

const KEYS = ["method", "path", "status", "location", "field", "message", "code"] as const;
type Group = Pick<ValidationError, (typeof KEYS)[number] | "count">;
export const isSame = (a: Group, b: Group) => KEYS.every(key => a[key] === b[key]);

/** Who sent a field that was found invalid: the hub is asked about each caller whose requests the endpoint refused. */
export async function callersOfField(
  appId: string,
  scope: TrafficScope,
  group: Group,
  signal: AbortSignal,
): Promise<Callers> {
  const endpoint = { ...scope, method: group.method, path: group.path, status: String(group.status) };
  const refused = await queries.consumers(appId, endpoint, signal);
  const known = refused.data.flatMap(one => (one.identifier === null ? [] : [{ ...one, identifier: one.identifier }]));
  const asked = known.slice(0, CALLERS_ASKED).map(async ({ identifier, name, group: team }) => {
    const { data } = await queries.validationErrors(appId, { ...endpoint, consumer: identifier }, signal);
    return { identifier, name, group: team, count: data.find(one => isSame(one, group))?.count ?? 0 };
  });
  return callersOf(await Promise.all(asked), group.count);
}

/** Who a group of errors hit, of those that have a name. */
export function hitBy({ consumers }: ErrorGroup, total: number): Callers {
  const rows = consumers.flatMap(({ consumer: { identifier, name, group }, count }) =>
    identifier === null ? [] : [{ identifier, name, group, count }],
  );
  return callersOf(rows, total);
}

/** Who got a status from an endpoint. */
export async function callersOfStatus(
  appId: string,
  scope: TrafficScope,
  { method, path, status, count }: { method: string; path: string; status: string; count: number },
  signal: AbortSignal,
): Promise<Callers> {
  const { data } = await queries.consumers(appId, { ...scope, method, path, status }, signal);
  const rows = data.flatMap(({ identifier, name, group, requests }) =>
    identifier === null ? [] : [{ identifier, name, group, count: requests }],
  );
  return callersOf(rows, count);
}
