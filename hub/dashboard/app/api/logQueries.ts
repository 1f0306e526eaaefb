/** The questions about single requests. */
import { TIME_ZONE } from "../format/time";
import { ApiProblem, answer, hub } from "./client";
import type { operations } from "./schema";

export type LogSearch = Omit<NonNullable<operations["request_logs"]["parameters"]["query"]>, "tz" | "limit" | "next">;

const tz = TIME_ZONE;

export const logPage = (
  app_id: string,
  search: LogSearch,
  page: { limit: number; next?: string },
  signal: AbortSignal,
) =>
  answer(
    hub.GET("/apps/{app_id}/request-logs", { params: { path: { app_id }, query: { ...search, ...page, tz } }, signal }),
  );

export const logTimeline = (app_id: string, search: LogSearch, signal: AbortSignal) =>
  answer(
    hub.GET("/apps/{app_id}/request-logs/timeline", { params: { path: { app_id }, query: { ...search, tz } }, signal }),
  );

export const logFacets = (app_id: string, search: LogSearch, signal: AbortSignal) =>
  answer(
    hub.GET("/apps/{app_id}/request-logs/facets", { params: { path: { app_id }, query: { ...search, tz } }, signal }),
  );

export const logDetail = (app_id: string, log_id: string, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/request-logs/{log_id}", { params: { path: { app_id, log_id } }, signal }));

/** A number of a header; null where it is absent. */
const numberIn = (response: Response, name: string) =>
  response.headers.has(name) ? Number(response.headers.get(name)) : null;

/** All logs that fit, as a stream; `rows` tells how many it has where that is known, `rowsMax` after how many it is cut. */
export async function logExport(app_id: string, search: LogSearch, format: "csv" | "ndjson", signal: AbortSignal) {
  const sent = hub.GET("/apps/{app_id}/request-logs/export", {
    params: { path: { app_id }, query: { ...search, format, tz } },
    parseAs: "stream",
    signal,
  });
  const body = await answer(sent);
  if (body === null || body === undefined) throw new ApiProblem(0, "The hub sent no file", null);
  const { response } = await sent;
  return {
    body: body as ReadableStream<Uint8Array<ArrayBuffer>>,
    rows: numberIn(response, "x-sendry-rows"),
    rowsMax: numberIn(response, "x-sendry-rows-max"),
  };
}
