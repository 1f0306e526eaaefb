/** The mock hub: which read answers which path, and its apps, keys and session, which live as long as the dev server. */
import { administer, signedIn } from "./admin.ts";
import { requestLogs } from "./logs.ts";
import { list, now, READS, startedAt } from "./reads.ts";

const SHOP = "0b6e5c1e-3a52-4f0e-9c52-6f1f0e6f7d01";
const FRESH = "0b6e5c1e-3a52-4f0e-9c52-6f1f0e6f7d02";

interface MockApp {
  app_id: string;
  name: string;
  created_at: number;
}

const apps: MockApp[] = [
  { app_id: SHOP, name: "shop", created_at: startedAt - 40 * 86_400 },
  { app_id: "0b6e5c1e-3a52-4f0e-9c52-6f1f0e6f7d03", name: "payments-gateway", created_at: startedAt - 20 * 86_400 },
  { app_id: FRESH, name: "fresh", created_at: startedAt - 600 },
];
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
}

const problem = (status: number, title: string, detail: string): Reply => ({
  status,
  body: { type: "mock", title, status, detail },
});
const reporting = (app: MockApp) => app.app_id !== FRESH && app.created_at < startedAt;

function environments(app: MockApp) {
  if (!reporting(app)) return [];
  const env = (name: string, age: number, instances: number) => ({
    env: name,
    first_report_at: app.created_at,
    last_report_at: now() - age,
    instances,
  });
  return app.name === "shop" ? [env("prod", now() % 10, 3), env("staging", 640, 1)] : [env("prod", now() % 10, 2)];
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
  if (first !== "apps") return problem(404, "Not Found", "There is nothing here.");
  if (!appId && method === "POST") {
    const app = { app_id: crypto.randomUUID(), name: body.name ?? "", created_at: now() };
    apps.push(app);
    return {
      status: 201,
      body: { app_id: app.app_id, client_id: crypto.randomUUID(), write_key: newKey(app.app_id).write_key },
    };
  }
  if (!appId)
    return {
      status: 200,
      body: list(
        query,
        apps.map(app => ({ ...app, environments: environments(app) })),
      ),
    };
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
  if (what === "request-logs") return { status: 200, body: requestLogs(keyId, query) };
  // `latency/heatmap` and `consumers/activity` are reads of their own.
  const read = READS[keyId === "heatmap" || keyId === "activity" ? keyId : (what ?? "")];
  return read ? { status: 200, body: read(query) } : problem(404, "Not Found", "There is nothing here.");
}
