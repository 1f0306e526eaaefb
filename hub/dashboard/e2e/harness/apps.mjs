/** Apps of single tests, and what they tell the hub as an SDK would. */

import assert from "node:assert/strict";

/** An app of its own, with `send` for what it tells; to be deleted by the test. */
export async function newApp({ ask, url }) {
  const { app_id, write_key } = await ask("/apps", {
    method: "POST",
    body: { name: `own-${Date.now().toString(36)}` },
  });
  const instance_id = crypto.randomUUID();
  const send = async (what, body) => {
    const sent = await fetch(new URL(`/ingest/v1/${what}`, url), {
      method: "POST",
      headers: { authorization: `Bearer ${write_key}`, "content-type": "application/json" },
      body: JSON.stringify({ v: 1, instance_id, ...body }),
    });
    assert.equal(sent.status, 202);
  };
  return {
    app_id,
    start: env => send("startup", { env, sdk: { name: "e2e", version: "1" }, started_at_ms: Date.now(), routes: [] }),
    /** Requests of the last minute to one route, all of one consumer. */
    report: (env, consumer, count) =>
      send("report", {
        report_id: crypto.randomUUID(),
        sequence: 0,
        env,
        created_at_ms: Date.now(),
        routes: [{ method: "GET", path: "/own" }],
        consumers: [consumer],
        minutes: [
          {
            minute: Math.floor(Date.now() / 60_000) - 1,
            routes: [{ r: 0, s: 200, n: count }],
            consumers: [{ c: 0, r: 0, s: 200, n: count }],
          },
        ],
      }),
    remove: () => ask(`/apps/${app_id}`, { method: "DELETE" }),
  };
}
