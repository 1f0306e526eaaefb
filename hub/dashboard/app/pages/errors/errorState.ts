/** The tables of errors: names of their rows, and the order of the one by status and endpoint. */
import type { ErrorCode } from "../../api/errorCodes";
import type { ServerError } from "../../api/model";
import { shortId } from "../../format/shortId";
import { type Column, orderBy } from "../../table/sorting";

export const codeId = (row: ErrorCode) => shortId(["code", row.status, row.method, row.path]);
export const causeId = (row: ServerError) =>
  shortId(["cause", row.method, row.path, row.status, row.type, row.message, row.location]);

const COLUMNS = [
  { key: "status", label: "Status", text: true, value: row => row.status, first: "asc" },
  { key: "endpoint", label: "Endpoint", text: true, value: row => `${row.path} ${row.method}`, first: "asc" },
  {
    key: "share",
    label: "Of its requests",
    hint: "Share of all requests of the endpoint",
    value: row => row.count / row.requests,
    first: "desc",
  },
  { key: "count", label: "Count", value: row => row.count, first: "desc" },
] as const satisfies readonly Column<ErrorCode>[];

export const CODE_ORDER = orderBy<ErrorCode>(COLUMNS, COLUMNS[3], row => `${row.path} ${row.method} ${row.status}`);
