/** What the palette leads to and does. Each group is a function of what is known; none of them asks the hub. */
import { environmentsOf } from "../api/apps";
import type { App, Consumer, Endpoint, Grant, View } from "../api/model";
import { chooseRefresh, REFRESH_CHOICES, refreshNow } from "../api/refresh";
import { logOut } from "../api/session";
import { maySeeSystem, sectionsFor } from "../pages/settings/sections";
import { chooseTheme } from "../theme/theme";
import { copyText } from "../ui/CopyButton";
import { LEAVING, PAGES, WHOLE } from "../ui/Sidebar";
import { type Location, navigate, withParams } from "../url/location";
import { NO_ZOOM, PRESETS, presetParams } from "../url/range";
import { pageOf, paths, scopedPath } from "../url/scope";
import { openSheet } from "./opened";
import type { Findable } from "./rank";

export interface Entry extends Findable {
  id: string;
  /** Said at the right, in grey. */
  note?: string;
  /** Shown in the letters of code. */
  code?: boolean;
  /** What shows its key at the right. */
  key?: string;
  run: () => void;
}

const entry = (group: string, label: string, run: () => void, rest: Partial<Entry> = {}): Entry => ({
  id: `${group}/${label}`,
  group,
  label,
  run,
  ...rest,
});

export function pageEntries(here: Location, app: App | null): Entry[] {
  const all = entry("Pages", "All apps", () => navigate(scopedPath(here, paths.apps, LEAVING)), { words: "overview" });
  if (app === null) return [all];
  const pages = PAGES.map(({ page, label }) =>
    entry(
      "Pages",
      label,
      () => navigate(scopedPath(here, paths[page](app.app_id), pageOf(here.path).name === "endpoint" ? WHOLE : {})),
      { note: app.name },
    ),
  );
  return [...pages, all];
}

/** The parts of the settings and the hub's own state, as far as the reader's roles reach. */
export function hubEntries(grants: readonly Grant[]): Entry[] {
  const parts = sectionsFor(grants).map(({ name, label }) =>
    entry("Settings", label, () => navigate(paths.settings(name))),
  );
  if (!maySeeSystem(grants)) return parts;
  return [
    ...parts,
    entry("Settings", "System", () => navigate(paths.system), { words: "queue watchdogs storage health" }),
  ];
}

export function appEntries(here: Location, apps: readonly App[], current: App | null): Entry[] {
  return apps
    .filter(app => app.app_id !== current?.app_id)
    .map(app => ({
      ...entry("Apps", app.name, () => navigate(scopedPath(here, paths.traffic(app.app_id), LEAVING))),
      id: `app/${app.app_id}`,
    }));
}

export function viewEntries(views: readonly View[]): Entry[] {
  return views.map(view => ({
    ...entry("Saved views", view.name, () => navigate(view.url), view.shared ? { note: view.owner } : {}),
    id: `view/${view.id}`,
  }));
}

export function environmentEntries(app: App | null, current: string | null): Entry[] {
  if (app === null) return [];
  return environmentsOf(app)
    .filter(({ env }) => env !== current)
    .map(({ env }) => entry("Environments", env, () => navigate(withParams({ env }))));
}

export function endpointEntries(here: Location, appId: string, endpoints: readonly Endpoint[]): Entry[] {
  return endpoints.map(({ method, path }) =>
    entry("Endpoints", `${method} ${path}`, () => navigate(scopedPath(here, paths.endpoint(appId), { method, path })), {
      code: true,
    }),
  );
}

/** Narrows the page that is open to one consumer. */
export function consumerEntries(consumers: readonly Consumer[]): Entry[] {
  return consumers.flatMap(({ identifier, name, group }) =>
    identifier === null
      ? []
      : [
          {
            ...entry("Consumers", name ?? identifier, () => navigate(withParams({ consumer: identifier })), {
              words: `${identifier} ${group ?? ""}`,
              ...(group !== null && { note: group }),
            }),
            id: `consumer/${identifier}`,
          },
        ],
  );
}

export function rangeEntries(): Entry[] {
  const presets = PRESETS.map(({ name, label }) =>
    entry("Time range", label, () => navigate(withParams(presetParams(name))), { words: name }),
  );
  return [...presets, entry("Time range", "Reset zoom", () => navigate(withParams(NO_ZOOM)))];
}

export function actionEntries(): Entry[] {
  const refresh = REFRESH_CHOICES.map(({ name, label }) =>
    entry("Actions", `Auto-refresh: ${label.toLowerCase()}`, () => chooseRefresh(name)),
  );
  return [
    entry("Actions", "Copy a link to this view", () => void copyText(window.location.href), { words: "share address" }),
    entry("Actions", "Save this view", () => openSheet("save-view"), { words: "bookmark keep" }),
    entry("Actions", "Refresh now", refreshNow, { words: "reload" }),
    ...refresh,
    entry("Actions", "Keys of the keyboard", () => openSheet("help"), { words: "help shortcuts", key: "?" }),
    entry("Actions", "Log out", () => void logOut(), { words: "sign out leave" }),
  ];
}

export function themeEntries(): Entry[] {
  return [
    entry("Theme", "Light", () => chooseTheme("light"), { words: "bright day" }),
    entry("Theme", "Dark", () => chooseTheme("dark"), { words: "night" }),
    entry("Theme", "As the system", () => chooseTheme("system"), { words: "auto" }),
  ];
}
