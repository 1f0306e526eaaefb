/** What people configure: accounts, people, tokens, apps, and the log of what was changed. One function each. */
import { answer, hub } from "./client";
import type { ApdexThresholds, Grant, Role } from "./model";

const own = (app_id: string) => ({ params: { path: { app_id } } });
const person = (user_id: string) => ({ params: { path: { user_id } } });

export const changePassword = (current_password: string, new_password: string) =>
  answer(hub.PUT("/account/password", { body: { current_password, new_password } }));
export const ownSessions = (signal: AbortSignal) => answer(hub.GET("/account/sessions", { signal }));
export const endOtherSessions = () => answer(hub.DELETE("/account/sessions"));
export const endOwnSession = (session_id: string) =>
  answer(hub.DELETE("/account/sessions/{session_id}", { params: { path: { session_id } } }));

export const users = (signal: AbortSignal) => answer(hub.GET("/users", { signal }));
export const changeUser = (id: string, change: { grants?: Grant[]; disabled?: boolean }) =>
  answer(hub.PATCH("/users/{user_id}", { ...person(id), body: { grants: null, disabled: null, ...change } }));
export const deleteUser = (id: string) => answer(hub.DELETE("/users/{user_id}", person(id)));
export const resetPassword = (id: string) => answer(hub.POST("/users/{user_id}/password-reset", person(id)));
export const endSessionsOf = (id: string) => answer(hub.DELETE("/users/{user_id}/sessions", person(id)));

export interface Invited {
  email: string;
  role: Role;
  app_id: string | null;
  expires_in_hours: number;
}

export const invitations = (signal: AbortSignal) => answer(hub.GET("/invitations", { signal }));
export const invite = (body: Invited) => answer(hub.POST("/invitations", { body }));
export const acceptInvitation = (token: string, password: string) =>
  answer(hub.POST("/invitations/accept", { body: { token, password } }));
export const sendPasswordReset = (token: string, password: string) =>
  answer(hub.POST("/password-reset", { body: { token, password } }));
export const revokeInvitation = (invitation_id: string) =>
  answer(hub.DELETE("/invitations/{invitation_id}", { params: { path: { invitation_id } } }));
export const lookAtInvitation = (token: string) => answer(hub.POST("/invitations/look", { body: { token } }));

export interface TokenWish {
  name: string;
  role: "viewer" | "editor";
  app_id: string | null;
  expires_in_days: number | null;
}

export const tokens = (signal: AbortSignal) => answer(hub.GET("/tokens", { signal }));
export const createToken = (body: TokenWish) => answer(hub.POST("/tokens", { body }));
export const revokeToken = (token_id: string) =>
  answer(hub.DELETE("/tokens/{token_id}", { params: { path: { token_id } } }));

export const renameApp = (app_id: string, name: string) =>
  answer(hub.PATCH("/apps/{app_id}", { ...own(app_id), body: { name } }));
export const deleteApp = (app_id: string) => answer(hub.DELETE("/apps/{app_id}", own(app_id)));
export const environments = (app_id: string, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/environments", { ...own(app_id), signal }));
export const deleteEnvironment = (app_id: string, env: string) =>
  answer(hub.DELETE("/apps/{app_id}/environments/{env}", { params: { path: { app_id, env } } }));

export const forgetConsumer = (app_id: string, consumer_id: string) =>
  answer(hub.DELETE("/apps/{app_id}/consumers/{consumer_id}", { params: { path: { app_id, consumer_id } } }));

export const apdex = (app_id: string, signal: AbortSignal) =>
  answer(hub.GET("/apps/{app_id}/apdex", { ...own(app_id), signal }));
export const setApdex = (app_id: string, body: ApdexThresholds) =>
  answer(hub.PUT("/apps/{app_id}/apdex", { ...own(app_id), body }));

export interface ViewWish {
  name: string;
  app_id: string | null;
  url: string;
  shared: boolean;
}

export const settings = (signal: AbortSignal) => answer(hub.GET("/settings", { signal }));
export const views = (signal: AbortSignal) => answer(hub.GET("/views", { signal }));
export const saveView = (body: ViewWish) => answer(hub.POST("/views", { body }));
export const changeView = (view_id: string, name: string, shared: boolean) =>
  answer(hub.PUT("/views/{view_id}", { params: { path: { view_id } }, body: { name, shared } }));
export const deleteView = (view_id: string) =>
  answer(hub.DELETE("/views/{view_id}", { params: { path: { view_id } } }));

export interface AuditFilter {
  app_id?: string;
  action?: string;
  actor?: string;
  from?: number;
  to?: number;
}

export const auditLog = (filter: AuditFilter, next: string | undefined, signal: AbortSignal) =>
  answer(hub.GET("/audit-log", { params: { query: { ...filter, ...(next !== undefined && { next }) } }, signal }));
