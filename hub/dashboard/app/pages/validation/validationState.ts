/** The table of validation errors: which rows, in which order. What the reader chose is in the address. */
import type { ValidationError } from "../../api/model";
import { csvOf } from "../../format/csv";
import { shortId } from "../../format/shortId";
import { type Column, orderBy } from "../../table/sorting";
import { fitsPath } from "../../url/filters";

export const endpointOf = (row: Pick<ValidationError, "method" | "path">) => `${row.method} ${row.path}`;
/** Where a field is, as people name it: `body.address.postcode`. A body as a whole has no field. */
export const fieldOf = (row: ValidationError) => [row.location, row.field].filter(part => part !== "").join(".");
export const groupId = (row: ValidationError) =>
  shortId([row.method, row.path, String(row.status), row.location, row.field, row.message, row.code]);

const COLUMNS = [
  {
    key: "field",
    label: "Field and endpoint",
    text: true,
    value: row => `${fieldOf(row)} ${row.path} ${row.method}`,
    first: "asc",
  },
  { key: "message", label: "What is wrong", text: true, value: row => row.message, first: "asc" },
  {
    key: "status",
    label: "Status",
    hint: "What the request was answered with",
    value: row => row.status,
    first: "asc",
    extra: true,
  },
  {
    key: "consumers",
    label: "Consumers",
    hint: "How many different consumers sent it, of those with a name",
    value: row => row.consumers,
    first: "desc",
  },
  {
    key: "version",
    label: "Since version",
    hint: "The version of the app with which it was seen first, ever",
    text: true,
    value: row => row.first_version,
    first: "desc",
  },
  { key: "first", label: "First seen", hint: "Within the range", value: row => row.first_seen_at, first: "desc" },
  { key: "last", label: "Last seen", hint: "Within the range", value: row => row.last_seen_at, first: "desc" },
  { key: "count", label: "Count", value: row => row.count, first: "desc" },
] as const satisfies readonly Column<ValidationError>[];

export const VALIDATION_ORDER = orderBy<ValidationError>(
  COLUMNS,
  COLUMNS[7],
  row => `${endpointOf(row)} ${fieldOf(row)} ${row.message}`,
);

export interface Filter {
  method: string | null;
  path: string | null;
}

export const filterOf = (params: URLSearchParams): Filter => ({
  method: params.get("method"),
  path: params.get("path"),
});

/** Whether a row is of the endpoint that is looked at. */
export const isOf = (row: ValidationError, { method, path }: Filter) =>
  (method === null || row.method === method.toUpperCase()) && (path === null || fitsPath(row.path, path));

/** What a search looks into. */
export const searchText = (row: ValidationError) => `${endpointOf(row)} ${fieldOf(row)} ${row.message} ${row.code}`;

/** The endpoints of the rows, by name, each once. */
export function endpointsIn(rows: readonly ValidationError[]): { method: string; path: string }[] {
  const named = new Map(rows.map(({ method, path }) => [`${path} ${method}`, { method, path }]));
  return [...named].sort(([a], [b]) => a.localeCompare(b, "en")).map(([, endpoint]) => endpoint);
}

export const validationCsv = csvOf<ValidationError>(
  "method",
  "path",
  "status",
  "location",
  "field",
  "message",
  "code",
  "count",
  "consumers",
  "first_seen_at",
  "last_seen_at",
  "first_version",
  "last_version",
);
