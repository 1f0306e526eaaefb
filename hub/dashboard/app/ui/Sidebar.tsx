/** Where one can go: between apps, between the pages of an app; and who is logged in. */
import { useApps } from "../api/apps";
import type { App } from "../api/model";
import { useMay } from "../api/roles";
import { logOut, useSession } from "../api/session";
import { NO_FILTERS } from "../url/filters";
import { navigate, useLocation } from "../url/location";
import { pageOf, paths, scopedPath } from "../url/scope";
import { ViewLinks } from "../views/ViewLinks";
import {
  AppsIcon,
  ConsumersIcon,
  ErrorsIcon,
  InstancesIcon,
  LeaveIcon,
  Logo,
  LogsIcon,
  PerformanceIcon,
  ResourcesIcon,
  SettingsIcon,
  SetupIcon,
  TrafficIcon,
  ValidationIcon,
} from "./icons";
import { Link } from "./Link";
import { PaletteButton } from "./PaletteButton";
import { ThemeSwitch } from "./ThemeSwitch";
import { useCurrentInView } from "./useCurrentInView";

/** Another app has other environments, consumers and routes. */
export const LEAVING = { env: null, ...NO_FILTERS };
/** All traffic is looked at again by whoever leaves an endpoint for it. */
export const WHOLE = { method: null, path: null };

export const PAGES = [
  { page: "traffic", also: "endpoint", label: "Traffic", Icon: TrafficIcon },
  { page: "errors", also: null, label: "Errors", Icon: ErrorsIcon },
  { page: "validation", also: null, label: "Validation errors", Icon: ValidationIcon },
  { page: "logs", also: null, label: "Request logs", Icon: LogsIcon },
  { page: "performance", also: null, label: "Performance", Icon: PerformanceIcon },
  { page: "consumers", also: null, label: "Consumers", Icon: ConsumersIcon },
  { page: "resources", also: null, label: "Resources", Icon: ResourcesIcon },
  { page: "instances", also: null, label: "Instances", Icon: InstancesIcon },
  { page: "setup", also: null, label: "Set-up", Icon: SetupIcon },
] as const;

export function Sidebar({ app, appId }: { app: App | null; appId: string }) {
  const location = useLocation();
  const current = pageOf(location.path).name;
  const isEditor = useMay("editor", appId);
  const nav = useCurrentInView(current);
  return (
    <aside className="sidebar">
      <Link to={scopedPath(location, paths.apps, LEAVING)} className="brand">
        <Logo /> Sendry
      </Link>
      <PaletteButton />
      <AppSwitcher app={app} />
      <nav aria-label="Pages of the app" ref={nav}>
        {PAGES.map(({ page, also, label, Icon }) => (
          <Link
            key={page}
            to={scopedPath(location, paths[page](appId), current === "endpoint" && page === "traffic" ? WHOLE : {})}
            aria-current={current === page || current === also ? "page" : undefined}
          >
            <Icon /> <span>{label}</span>
          </Link>
        ))}
        {isEditor && (
          <Link to={paths.settings("apps", appId)}>
            <SettingsIcon /> <span>Settings</span>
          </Link>
        )}
      </nav>
      <ViewLinks appId={appId} />
      <Account />
    </aside>
  );
}

function AppSwitcher({ app }: { app: App | null }) {
  const apps = useApps().data?.data ?? [];
  const location = useLocation();
  if (app === null) return null;
  return (
    <div className="app-switcher">
      <Link to={scopedPath(location, paths.apps, LEAVING)} className="all-apps">
        <AppsIcon /> <span>All apps</span>
      </Link>
      <select
        className="select"
        aria-label="App"
        value={app.app_id}
        onChange={event => navigate(scopedPath(location, paths.traffic(event.target.value), LEAVING))}
      >
        {apps.map(({ app_id, name }) => (
          <option key={app_id} value={app_id}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Account() {
  const session = useSession();
  return (
    <div className="account">
      <ThemeSwitch />
      {session.state === "in" && (
        <div className="account-user">
          <Link to={paths.settings("account")} className="account-link" title="Your account and the settings">
            {session.user.email}
          </Link>
          <button
            type="button"
            className="button button-icon button-quiet"
            aria-label="Log out"
            title="Log out"
            onClick={() => void logOut()}
          >
            <LeaveIcon />
          </button>
        </div>
      )}
    </div>
  );
}
