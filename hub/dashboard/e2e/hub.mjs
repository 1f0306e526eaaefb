/** What the hub holds, asked without a browser: the truth that pages are compared with. */

/** An API client that logs in by itself, as the dashboard does. */
export async function connect(url) {
  const session = await fetch(new URL("/api/v1/session", url));
  const cookie = session.headers
    .getSetCookie()
    .map(one => one.split(";")[0])
    .join("; ");
  return async path => {
    const response = await fetch(new URL(`/api/v1${path}`, url), { headers: { cookie } });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
}

/** The app that is looked at, with an environment and a window that hold requests. */
export async function findSubject(url, wanted) {
  const ask = await connect(url);
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
  return { url, ask, app, env, from, to, page, read };
}
