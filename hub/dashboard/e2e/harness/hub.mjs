/** What the hub holds, asked without a browser: the truth that pages are compared with. */

import process from "node:process";

const { SENDRY_E2E_EMAIL: email, SENDRY_E2E_PASSWORD: password } = process.env;

/** Logs in as the dashboard does; without `SENDRY_E2E_EMAIL` the hub must let in whoever comes from this machine. */
export async function logIn(url, user = { email, password }) {
  const ask = user.email && {
    method: "POST",
    headers: { "content-type": "application/json", "x-sendry-request": "1" },
    body: JSON.stringify(user),
  };
  const response = await fetch(new URL("/api/v1/session", url), ask || {});
  if (!response.ok) throw new Error(`logging in as ${user.email}: ${response.status} ${await response.text()}`);
  return response.headers.getSetCookie().map(one => one.split(";")[0]);
}

/** Asks the API with the cookies of a session. */
export function client(url, cookies) {
  return async (path, { method = "GET", body } = {}) => {
    const response = await fetch(new URL(`/api/v1${path}`, url), {
      method,
      headers: { cookie: cookies.join("; "), "content-type": "application/json", "x-sendry-request": "1" },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  };
}

/** The app that is looked at, with an environment and a window that hold requests. */
export async function findSubject(url, wanted) {
  const cookies = await logIn(url);
  const ask = client(url, cookies);
  const { data } = await ask("/apps");
  const app = data.find(one =>
    wanted ? one.app_id === wanted || one.name === wanted : one.environments.some(env => env.last_report_at),
  );
  if (!app) throw new Error(wanted ? `the hub has no app ${wanted}` : "the hub has no app that has reported");
  const newest = app.environments
    .filter(one => one.last_report_at)
    .sort((a, b) => b.last_report_at - a.last_report_at)[0];
  const env = newest.env;
  // A window that does not move and is closed, so that the page and the test ask the same question.
  const to = Math.floor(newest.last_report_at / 60) * 60 - 60;
  const from = to - 75 * 60;
  const scope = { env, from: String(from), to: String(to) };
  const page = (name, own = {}) => `/apps/${app.app_id}/${name}?${new URLSearchParams({ ...scope, ...own })}`;
  const read = (name, own = {}) =>
    ask(`/apps/${app.app_id}/${name}?${new URLSearchParams({ ...scope, tz: "Europe/Berlin", ...own })}`);
  return { url, cookies, ask, app, env, from, to, page, read };
}
