/** Every page there is, with what must be on screen before it is looked at: for the tests of all pages, and for their pictures. */

const OUT = { user: null, setup_required: false };

/** Answers as if nobody were logged in. */
const loggedOut = page => page.route("**/api/v1/session", route => route.fulfill({ json: OUT }));

/** Reports of past minutes arrive later: what tells of reports must reach to now. */
const untilNow = () => ({ to: String(Math.ceil(Date.now() / 60_000) * 60) });

const openFirstRow = async page => {
  await page.locator("tbody tr").first().click();
  await page.getByRole("dialog").waitFor();
};

/** Answers as if every environment had been silent for long. */
export const deletable = page =>
  page.route("**/environments", async route => {
    const response = await route.fetch();
    const { data } = await response.json();
    await route.fulfill({ response, json: { data: data.map(one => ({ ...one, deletable_at: 1 })) } });
  });

/** Presses buttons, one after the other. */
const press =
  (...names) =>
  async page => {
    for (const name of names) await page.getByRole("button", { name }).first().click();
  };

const openPalette = async page => {
  await page.keyboard.press("Control+k");
  await page.locator(".palette-row").first().waitFor();
};

const openKeys = async page => {
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
};

const openFirstLog = tab => async page => {
  await page.locator(".log-url").first().click();
  await page.getByRole("tab", { name: new RegExp(tab, "i") }).click();
};

/**
 * A place has a `name`, an `address`, `ready` (what shows that its data is there), and at need `before` (what is done to the
 * page before it is loaded) and `arrived` (what is done once it is there).
 */
export async function placesOf(subject) {
  const { data } = await subject.read("endpoints");
  const { method, path } = data.reduce((best, one) => (one.requests > best.requests ? one : best));
  const compared = subject.page("traffic", { from: String(subject.to - 30 * 60), compare: "1" });
  return [
    { name: "apps", address: "/", ready: ".sparkline rect" },
    { name: "traffic", address: subject.page("traffic"), ready: ".endpoints tbody tr" },
    { name: "traffic-latency", address: subject.page("traffic", { chart: "latency" }), ready: ".endpoints tbody tr" },
    { name: "traffic-compared", address: compared, ready: ".endpoints tbody tr" },
    { name: "endpoint", address: subject.page("endpoint", { method, path }), ready: ".endpoint-latency canvas" },
    {
      name: "endpoint-errors",
      address: subject.page("endpoint", { method, path, tab: "errors" }),
      ready: ".error-panels",
    },
    {
      name: "endpoint-consumers",
      address: subject.page("endpoint", { method, path, tab: "consumers" }),
      ready: ".consumers",
    },
    { name: "errors", address: subject.page("errors"), ready: "tbody tr" },
    { name: "errors-drawer", address: subject.page("errors"), ready: "tbody tr", arrived: openFirstRow },
    { name: "validation", address: subject.page("validation"), ready: "tbody tr" },
    { name: "validation-drawer", address: subject.page("validation"), ready: "tbody tr", arrived: openFirstRow },
    { name: "logs", address: subject.page("logs"), ready: ".log-rows .log-row" },
    {
      name: "logs-drawer",
      address: subject.page("logs"),
      ready: ".log-rows .log-row",
      arrived: openFirstLog("overview"),
    },
    {
      name: "logs-response",
      address: subject.page("logs"),
      ready: ".log-rows .log-row",
      arrived: openFirstLog("response"),
    },
    { name: "logs-trace", address: subject.page("logs"), ready: ".log-rows .log-row", arrived: openFirstLog("trace") },
    { name: "performance", address: subject.page("performance"), ready: ".slow tbody tr" },
    { name: "resources", address: subject.page("resources"), ready: ".chart canvas" },
    { name: "consumers", address: subject.page("consumers"), ready: "tbody tr" },
    { name: "consumers-drawer", address: subject.page("consumers"), ready: "tbody tr", arrived: openFirstRow },
    {
      name: "consumers-forget",
      address: subject.page("consumers"),
      ready: "tbody tr",
      arrived: async page => {
        await openFirstRow(page);
        await press("Forget…")(page);
      },
    },
    { name: "instances", address: subject.page("instances", untilNow()), ready: "tbody tr" },
    { name: "setup", address: subject.page("setup"), ready: ".keys tbody tr" },
    { name: "settings-account", address: "/settings", ready: "form" },
    { name: "settings-apps", address: "/settings/apps", ready: "tbody tr" },
    { name: "settings-app", address: `/settings/apps/${subject.app.app_id}`, ready: ".keys tbody tr" },
    {
      name: "settings-environment",
      address: `/settings/apps/${subject.app.app_id}`,
      ready: ".keys tbody tr",
      before: deletable,
      arrived: press(`Delete ${subject.env}…`),
    },
    { name: "settings-people", address: "/settings/people", ready: "tbody tr" },
    { name: "settings-invite", address: "/settings/people", ready: "tbody tr", arrived: press("Invite somebody") },
    {
      name: "settings-roles",
      address: "/settings/people",
      ready: "tbody tr",
      arrived: press("What to do", "Change roles…"),
    },
    { name: "settings-tokens", address: "/settings/tokens", ready: ".panel-note" },
    { name: "settings-token", address: "/settings/tokens", ready: ".panel-note", arrived: press("New token") },
    { name: "settings-views", address: "/settings/views", ready: ".panel" },
    { name: "settings-hub", address: "/settings/hub", ready: ".hub-facts" },
    { name: "save-view", address: subject.page("errors"), ready: "tbody tr", arrived: press("Save this view") },
    { name: "settings-audit", address: "/settings/audit", ready: "tbody tr" },
    { name: "system", address: "/system", ready: ".watchdogs-quiet li" },
    { name: "invitation-gone", address: "/invitation", ready: ".door-note", before: loggedOut },
    { name: "palette", address: subject.page("traffic"), ready: ".endpoints tbody tr", arrived: openPalette },
    { name: "keys", address: subject.page("traffic"), ready: ".endpoints tbody tr", arrived: openKeys },
    { name: "log-in", address: "/login", ready: "form", before: loggedOut },
    { name: "first-set-up", address: "/setup#token=once", ready: "form", before: loggedOut },
    { name: "not-found", address: "/no/such/page", ready: "main" },
  ];
}

/** Goes to a place and waits until it is whole. */
export async function visit(page, { address, ready, before, arrived }) {
  await page.unrouteAll({ behavior: "wait" });
  await before?.(page);
  await page.goto(address);
  await page.locator(ready).first().waitFor();
  await arrived?.(page);
  await page.waitForLoadState("networkidle");
}
