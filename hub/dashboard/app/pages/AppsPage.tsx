/** The overview: a card per app and environment. */
import { useEffect, useRef } from "react";
import { environmentsOf, useApps } from "../api/apps";
import type { App } from "../api/model";
import { useCanEdit } from "../api/session";
import { useTitle } from "../ui/AppFrame";
import { RefreshControl } from "../ui/Freshness";
import { Logo, PlusIcon } from "../ui/icons";
import { Link } from "../ui/Link";
import { Empty, Loaded } from "../ui/notes";
import { PaletteButton } from "../ui/PaletteButton";
import { RangePicker } from "../ui/RangePicker";
import { Account } from "../ui/Sidebar";
import { navigate, useLocation, withParams } from "../url/location";
import { fittingPreset, namesRange } from "../url/range";
import { AppCard } from "./apps/AppCard";
import { NewAppDialog } from "./apps/NewAppDialog";
import "./apps/apps.css";

export function AppsPage() {
  const apps = useApps();
  const dialog = useRef<HTMLDialogElement>(null);
  const canEdit = useCanEdit();
  useTitle("Apps");
  useRangeInAddress(apps.data?.data);
  return (
    <div className="overview">
      <header className="overview-bar">
        <Link to="/" className="brand">
          <Logo /> Sendry
        </Link>
        <div className="overview-account">
          <PaletteButton />
          <Account />
        </div>
      </header>
      <main>
        <div className="toolbar overview-toolbar">
          <h1 className="toolbar-title">Apps</h1>
          <div className="toolbar-controls">
            <RangePicker />
            <RefreshControl />
          </div>
          {canEdit && (
            <button type="button" className="button button-primary" onClick={() => dialog.current?.showModal()}>
              <PlusIcon /> New app
            </button>
          )}
        </div>
        <Loaded answer={apps} what="The list of apps" height={280}>
          {({ data }) =>
            data.length === 0 ? (
              <div className="panel no-apps">
                <Empty title="No apps yet">
                  An app is one API that reports to this hub. Make the first one to get its write key.
                </Empty>
                {canEdit && (
                  <button type="button" className="button button-primary" onClick={() => dialog.current?.showModal()}>
                    Make the first app
                  </button>
                )}
              </div>
            ) : (
              <ul className="app-cards">
                {inOrder(data).map(app => (
                  <AppCard key={app.app_id} app={app} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </main>
      <NewAppDialog dialog={dialog} onMade={apps.retry} />
    </div>
  );
}

/** Apps that report come first, then those that wait for their first report; each by name. */
function inOrder(apps: readonly App[]): App[] {
  const waits = (app: App) => Number(environmentsOf(app).length === 0);
  return [...apps].sort((a, b) => waits(a) - waits(b) || a.name.localeCompare(b.name));
}

/** The address says which range is shown, also when the reader did not choose it. */
function useRangeInAddress(apps: readonly App[] | undefined): void {
  const { params } = useLocation();
  useEffect(() => {
    if (apps === undefined || namesRange(params)) return;
    const first = apps.flatMap(environmentsOf).map(one => one.first_report_at);
    const { name } = fittingPreset(first.length > 0 ? Math.min(...first) : null, Date.now() / 1000);
    navigate(withParams({ range: name }), "replace");
  }, [apps, params]);
}
