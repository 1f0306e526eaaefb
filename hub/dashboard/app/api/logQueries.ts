/** The questions about single requests. */
import { TIME_ZONE } from "../format/time";
import { answer, hub } from "./client";
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
