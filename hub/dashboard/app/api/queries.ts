/** The questions that the dashboard asks, one function each. */
import { TIME_ZONE } from "../format/time";
import { answer, hub } from "./client";
import type { AppOverview, TrafficScope } from "./model";

/** More rows than this are beyond what a table is for; the table says so when there are more. */
const ROWS_MAX = 5000;
/** Apps that one answer is about: the hub looks at every one of them before it answers. */
const OVERVIEW_PAGE = 100;
const tz = TIME_ZONE;

const of = (app_id: string, query: TrafficScope) => ({ params: { path: { app_id }, query: { ...query, tz } } });

export const apps = (signal: AbortSignal) => answer(hub.GET("/apps", { signal }));

/** How all apps do, one page of the hub's list after the other; `env` where an app has it. */
export async function overview(scope: { from: string; to: string; env?: string }, signal: AbortSignal) {
  const data: AppOverview[] = [];
  for (let next: string | undefined; ; ) {
    const query = { ...scope, tz, limit: OVERVIEW_PAGE, ...(next !== undefined && { next }) };
    const page = await answer(hub.GET("/overview", { params: { query }, signal }));
    data.push(...page.data);
    if (page.next === null || page.next === undefined) return { range: page.range, data };
    next = page.next;
  }
}

export const summary = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/summary", { ...of(appId, scope), signal }));
export const traffic = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/traffic", { ...of(appId, scope), signal }));
export const latency = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/latency", { ...of(appId, scope), signal }));
export const heatmap = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/latency/heatmap", { ...of(appId, scope), signal }));

export const sizes = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/sizes", { ...of(appId, scope), signal }));

export const consumerActivity = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/consumers/activity", { ...of(appId, scope), signal }));

export const consumerGroups = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/consumer-groups", { ...of(appId, scope), signal }));

/** One group of errors; the scope's filters do not concern it. */
export const errorGroup = (app_id: string, group_id: string, scope: TrafficScope, signal: AbortSignal) => {
  const { env, from, to } = scope;
  return answer(
    hub.GET("/apps/{app_id}/error-groups/{group_id}", {
      params: { path: { app_id, group_id }, query: { env, ...(from && { from }), ...(to && { to }), tz } },
      signal,
    }),
  );
};

export const instances = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/instances", { ...of(appId, scope), signal }));
export const resources = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/resources", { ...of(appId, scope), signal }));
export const losses = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/losses", { ...of(appId, scope), signal }));

/** The same with as many rows as a table is for. */
const table = (appId: string, scope: TrafficScope) => {
  const { params } = of(appId, scope);
  return { params: { ...params, query: { ...params.query, limit: ROWS_MAX } } };
};

export const endpoints = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/endpoints", { ...table(appId, scope), signal }));
export const validationErrors = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/validation-errors", { ...table(appId, scope), signal }));
export const errorStatuses = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/error-statuses", { ...table(appId, scope), signal }));
export const serverErrors = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/server-errors", { ...table(appId, scope), signal }));
export const consumers = (appId: string, scope: TrafficScope, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/consumers", { ...table(appId, scope), signal }));

export const system = (signal: AbortSignal) => answer(hub.GET("/system", { signal }));
export const keys = (app_id: string, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/keys", { params: { path: { app_id } }, signal }));
export const createApp = (name: string) => answer(hub.POST("/apps", { body: { name } }));
export const createKey = (app_id: string) => answer(hub.POST("/apps/{app_id}/keys", { params: { path: { app_id } } }));
export const revokeKey = (app_id: string, key_id: string) =>
  answer(hub.DELETE("/apps/{app_id}/keys/{key_id}", { params: { path: { app_id, key_id } } }));

export const session = () => answer(hub.GET("/session"));
export const logIn = (email: string, password: string) => answer(hub.POST("/session", { body: { email, password } }));
export const logOut = () => answer(hub.DELETE("/session"));
export const setUp = (token: string, email: string, password: string) =>
  answer(hub.POST("/setup", { body: { token, email, password } }));

/** Statuses of endpoints that nobody counts as errors. */
export const expectedErrors = (app_id: string, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/expected-errors", { params: { path: { app_id } }, signal }));
export const markExpected = (app_id: string, body: { method: string; path: string; status: number }) =>
  answer(hub.POST("/apps/{app_id}/expected-errors", { params: { path: { app_id } }, body }));
export const unmarkExpected = (app_id: string, expected_error_id: string) =>
  answer(
    hub.DELETE("/apps/{app_id}/expected-errors/{expected_error_id}", {
      params: { path: { app_id, expected_error_id } },
    }),
  );
