/** The mock hub: which read answers which path, and its keys and session, which live as long as the dev server. */
import { administer, signedIn } from "./admin.ts";
import { appList, apps, configured, overview, SHOP } from "./apps.ts";
import { CALLERS } from "./callers.ts";
import { exported, requestLogs } from "./logs.ts";
import { now, READS, startedAt } from "./reads.ts";

const keys = [
  {
    id: "k1",
    app_id: SHOP,
    kind: "write_key",
    prefix: "sdw_4f9a",
    created_at: startedAt - 40 * 86_400,
    last_used_at: startedAt,
    revoked_at: null as number | null,
  },
];
let isSignedIn = true;

export interface Reply {
  status: number;
  body?: unknown;
  /** A file instead of a body. */
  file?: { type: string; text: string; headers: Record<string, string> };
}

const problem = (status: number, title: string, detail: string): Reply => ({
  status,
  body: { type: "mock", title, status, detail },
});

function forgotten(id: string): Reply {
  const caller = CALLERS.find(one => one.consumer_id === id);
  if (caller) caller.identifier = null;
  return { status: 200, body: { request_logs: caller ? 1200 : 0, was_known: caller !== undefined } };
}

function newKey(app_id: string) {
  const prefix = `sdw_${Math.random().toString(16).slice(2, 6)}`;
  const key = {
    id: `k${keys.length + 1}`,
    app_id,
    kind: "write_key",
    prefix,
    created_at: now(),
    last_used_at: null as never,
    revoked_at: null,
  };
  keys.push(key);
  return { id: key.id, write_key: `${prefix}_0123456789abcdefghijklmnopqrstuv`, prefix };
}

function session(method: string, body: Record<string, string>): Reply {
  if (method === "DELETE") isSignedIn = false;
  if (method === "DELETE") return { status: 204 };
  if (method === "POST" && body.password === "wrong")
    return problem(401, "Unauthorized", "The e-mail address or the password is wrong.");
  if (method === "POST") isSignedIn = true;
  return {
    status: 200,
    body: { user: isSignedIn ? signedIn : null, setup_required: false, log_in: { password: true, provider: null } },
  };
}

export function reply(method: string, path: string, query: URLSearchParams, body: Record<string, string>): Reply {
  const [, first, appId, what, keyId] = path.split("/");
  if (first === "session" || first === "setup") return session(method, body);
  if (!isSignedIn) return problem(401, "Unauthorized", "Log in first.");
  const administered = administer(method, path, body);
  if (administered) return administered;
  if (first === "overview") return { status: 200, body: overview(query) };
  if (first !== "apps") return problem(404, "Not Found", "There is nothing here.");
  if (!appId && method === "POST") {
    const app = { app_id: crypto.randomUUID(), name: body.name ?? "", created_at: now() };
    apps.push(app);
    return {
      status: 201,
      body: { app_id: app.app_id, client_id: crypto.randomUUID(), write_key: newKey(app.app_id).write_key },
    };
  }
  if (!appId) return { status: 200, body: appList(query) };
  const app = apps.find(one => one.app_id === appId);
  if (app === undefined) return problem(404, "Not Found", "There is no such app.");
  if (what === undefined && method === "PATCH") {
    app.name = body.name ?? app.name;
    return { status: 200, body: app };
  }
  if (what === undefined && method === "DELETE") {
    apps.splice(apps.indexOf(app), 1);
    return { status: 204 };
  }
  if (what === "keys" && method === "POST") return { status: 201, body: newKey(appId) };
  if (what === "keys" && method === "DELETE") {
    for (const key of keys) if (key.id === keyId) key.revoked_at = now();
    return { status: 204 };
  }
  if (what === "keys") return { status: 200, body: { data: keys.filter(key => key.app_id === appId) } };
  if (what === "environments") return configured(app, method, keyId);
  if (what === "consumers" && method === "DELETE") return forgotten(keyId ?? "");
  if (what === "request-logs" && keyId === "export") return exported(query);
  if (what === "request-logs") return { status: 200, body: requestLogs(keyId, query) };
  // `latency/heatmap` and `consumers/activity` are reads of their own.
  const read = READS[keyId === "heatmap" || keyId === "activity" ? keyId : (what ?? "")];
  return read ? { status: 200, body: read(query) } : problem(404, "Not Found", "There is nothing here.");
}
