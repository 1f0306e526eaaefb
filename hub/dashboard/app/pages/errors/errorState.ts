/** The tables of errors: names of their rows, their columns and their order. */
import type { ErrorCode } from "../../api/errorCodes";
import type { ServerError } from "../../api/model";
import { csvOf } from "../../format/csv";
import { exact, NOTHING } from "../../format/numbers";
import { shortId } from "../../format/shortId";
import { ago, timeSpan } from "../../format/time";
import { type Column, orderBy } from "../../table/sorting";

export const codeId = (row: ErrorCode) => shortId(["code", row.status, row.method, row.path]);
export const causeId = (row: ServerError) =>
  shortId(["cause", row.method, row.path, row.status, row.type, row.message, row.location]);

const CODES = [
  { key: "status", label: "Status", text: true, value: row => row.status, first: "asc" },
  { key: "endpoint", label: "Endpoint", text: true, value: row => `${row.path} ${row.method}`, first: "asc" },
  {
    key: "consumers",
    label: "Consumers",
    hint: "How many different consumers got it, of those with a name",
    value: row => row.consumers,
    first: "desc",
  },
  { key: "last", label: "Last seen", hint: "Within the range", value: row => row.last_seen_at, first: "desc" },
  {
    key: "share",
    label: "Of its requests",
    hint: "Share of all requests of the endpoint",
    value: row => row.count / row.requests,
    first: "desc",
  },
  { key: "count", label: "Count", value: row => row.count, first: "desc" },
] as const satisfies readonly Column<ErrorCode>[];

export const CODE_ORDER = orderBy<ErrorCode>(CODES, CODES[5], row => `${row.path} ${row.method} ${row.status}`);

/** `12`, or `12+` where the hub knows of more than it can tell apart. */
export function consumersText({ consumers, more_consumers }: Pick<ErrorCode, "consumers" | "more_consumers">): string {
  if (consumers === 0) return more_consumers ? "some" : NOTHING;
  return `${exact(consumers)}${more_consumers ? "+" : ""}`;
}

const MINUTE = 60;

/** How long ago; within which half hour or day, where no finer counts are kept. */
export function lastSeenText({ last_seen_at, last_seen_secs }: LastSeen, now: number): string {
  return last_seen_secs <= MINUTE ? ago(last_seen_at, now) : timeSpan(last_seen_at, last_seen_at + last_seen_secs);
}
type LastSeen = Pick<ErrorCode, "last_seen_at" | "last_seen_secs">;

/** From the first version that had it to the last. */
export function versionsOf({
  first_version,
  last_version,
}: Pick<ServerError, "first_version" | "last_version">): string {
  if (first_version === null && last_version === null) return "–";
  return first_version === last_version ? (first_version ?? "–") : `${first_version ?? "?"} – ${last_version ?? "?"}`;
}

const CAUSES = [
  { key: "cause", label: "Cause", text: true, value: row => `${row.type} ${row.message}`, first: "asc" },
  { key: "endpoint", label: "Endpoint", text: true, value: row => `${row.path} ${row.method}`, first: "asc" },
  {
    key: "version",
    label: "Versions",
    hint: "From the first that had it to the last, ever",
    text: true,
    value: row => row.first_version,
    first: "desc",
  },
  {
    key: "consumers",
    label: "Consumers",
    hint: "How many different consumers got it, of those with a name",
    value: row => row.consumers,
    first: "desc",
  },
  {
    key: "first",
    label: "First seen",
    hint: "Within the range",
    value: row => row.first_seen_at,
    first: "desc",
    extra: true,
  },
  { key: "last", label: "Last seen", hint: "Within the range", value: row => row.last_seen_at, first: "desc" },
  { key: "count", label: "Count", value: row => row.count, first: "desc" },
] as const satisfies readonly Column<ServerError>[];

export const CAUSE_ORDER = orderBy<ServerError>(
  CAUSES,
  CAUSES[6],
  row => `${row.path} ${row.method} ${row.type} ${row.message}`,
  "cause-",
);

export const causesCsv = csvOf<ServerError>(
  "method",
  "path",
  "status",
  "type",
  "message",
  "location",
  "count",
  "consumers",
  "first_seen_at",
  "last_seen_at",
  "first_version",
  "last_version",
);
