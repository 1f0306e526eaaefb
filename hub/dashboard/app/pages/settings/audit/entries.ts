/** Entries of the audit log as people read them. What is not known here is shown by its own name. */
import type { AuditEntry } from "../../../api/model";
import { toCsv } from "../../../format/csv";
import { fullTime, isoTime } from "../../../format/time";

export const ACTIONS: Record<string, string> = {
  "session.open": "Logged in",
  "account.change_password": "Changed the own password",
  "account.reset_password": "Set a new password with a link",
  "account.end_session": "Ended an own session",
  "account.end_sessions": "Ended all other own sessions",
  "user.set_up": "Made the first admin",
  "user.create": "Created the user",
  "user.change_roles": "Changed the roles of",
  "user.disable": "Disabled the user",
  "user.enable": "Enabled the user",
  "user.delete": "Deleted the user",
  "user.reset_password": "Made a password link for",
  "user.end_session": "Ended a session of",
  "user.end_sessions": "Ended all sessions of",
  "invitation.create": "Invited",
  "invitation.accept": "Accepted the invitation",
  "invitation.revoke": "Revoked the invitation of",
  "token.create": "Made the token",
  "token.revoke": "Revoked the token",
  "app.create": "Made the app",
  "app.rename": "Renamed the app to",
  "app.delete": "Deleted the app",
  "consumer.forget": "Forgot a consumer of",
  "key.create": "Made a write key",
  "key.revoke": "Revoked a key",
};

export const actionText = (action: string) => ACTIONS[action] ?? action;

type ScopeName = (appId: string | null) => string;

/** A role with its scope, or any other value. */
function valueText(value: unknown, scopeName: ScopeName): string {
  if (Array.isArray(value)) return value.map(one => valueText(one, scopeName)).join(", ") || "none";
  if (typeof value !== "object" || value === null) return String(value);
  const { role, app_id, ...rest } = value as Record<string, unknown>;
  if (typeof role === "string" && Object.keys(rest).length === 0)
    return `${role} on ${scopeName(typeof app_id === "string" ? app_id : null)}`;
  return JSON.stringify(value);
}

/** `before: viewer on shop; after: editor on shop`. What is named `…_at` is an instant, in seconds. */
export function detailsText(details: unknown, scopeName: ScopeName, timeText: typeof isoTime = fullTime): string {
  if (typeof details !== "object" || details === null) return "";
  const before = (name: string) => Number(name !== "before");
  const textOf = (name: string, value: unknown) =>
    name.endsWith("_at") && typeof value === "number" ? timeText(value) : valueText(value, scopeName);
  return Object.entries(details)
    .filter(([, value]) => value !== null)
    .toSorted(([a], [b]) => before(a) - before(b))
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${textOf(name, value)}`)
    .join("; ");
}

const COLUMNS = ["at", "actor", "address", "action", "target", "app_id", "details"] as const;

export function auditCsv(rows: readonly AuditEntry[]): string {
  return toCsv(
    COLUMNS,
    rows.map(row => [
      isoTime(row.at),
      row.actor.name,
      row.actor.address,
      row.action,
      row.target_name,
      row.app_id,
      detailsText(row.details, appId => appId ?? "the whole hub", isoTime),
    ]),
  );
}
