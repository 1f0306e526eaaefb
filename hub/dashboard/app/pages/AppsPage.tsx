/** The overview: a card per app and environment. */
import { useRef } from "react";
import { useApps } from "../api/apps";
import { useTitle } from "../ui/AppFrame";
import { RefreshControl } from "../ui/Freshness";
import { Logo, PlusIcon } from "../ui/icons";
import { Link } from "../ui/Link";
import { Empty, Loaded } from "../ui/notes";
import { RangePicker } from "../ui/RangePicker";
import { Account } from "../ui/Sidebar";
import { AppCard } from "./apps/AppCard";
import { NewAppDialog } from "./apps/NewAppDialog";
import "./apps/apps.css";

export function AppsPage() {
  const apps = useApps();
  const dialog = useRef<HTMLDialogElement>(null);
  useTitle("Apps");
  return (
    <div className="overview">
      <header className="overview-bar">
        <Link to="/" className="brand">
          <Logo /> Sendry
        </Link>
        <Account />
      </header>
      <main>
        <div className="toolbar overview-toolbar">
          <h1 className="toolbar-title">Apps</h1>
          <div className="toolbar-controls">
            <RangePicker />
            <RefreshControl />
          </div>
          <button type="button" className="button button-primary" onClick={() => dialog.current?.showModal()}>
            <PlusIcon /> New app
          </button>
        </div>
        <Loaded answer={apps} what="The list of apps" height={280}>
          {({ data }) =>
            data.length === 0 ? (
              <div className="panel">
                <Empty title="No apps yet">
                  An app is one API that reports to this hub. Make the first one to get its write key.
                </Empty>
              </div>
            ) : (
              <ul className="app-cards">
                {data.map(app => (
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
