/** The overview: a card per app, all from one answer of the hub. Which environment and range they show is in the address. */
import { useEffect, useRef } from "react";
import { useApps } from "../api/apps";
import * as queries from "../api/queries";
import { useCanEdit } from "../api/session";
import { type Answer, useQuery } from "../api/useQuery";
import { useTitle } from "../ui/AppFrame";
import { RefreshControl } from "../ui/Freshness";
import { Logo, PlusIcon } from "../ui/icons";
import { Link } from "../ui/Link";
import { Empty, Loaded } from "../ui/notes";
import { PaletteButton } from "../ui/PaletteButton";
import { RangeNote } from "../ui/RangeNote";
import { RangePicker } from "../ui/RangePicker";
import { Account } from "../ui/Sidebar";
import { navigate, useLocation, withParams } from "../url/location";
import { fittingPreset, namesRange, parseRange, windowOf } from "../url/range";
import { AppCard } from "./apps/AppCard";
import { NewAppDialog } from "./apps/NewAppDialog";
import { environmentNames, firstReportAt, inOrder } from "./apps/overviewState";
import "./apps/apps.css";

type Apps = ReturnType<typeof useApps>;
type Overview = Awaited<ReturnType<typeof queries.overview>>;

export function AppsPage() {
  const apps = useApps();
  const overview = useOverview(apps);
  const dialog = useRef<HTMLDialogElement>(null);
  const canEdit = useCanEdit();
  useTitle("Apps");
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
            <EnvironmentChoice names={environmentNames(overview.data?.data ?? [])} />
            <RangePicker />
            <RefreshControl />
          </div>
          {canEdit && (
            <button type="button" className="button button-primary" onClick={() => dialog.current?.showModal()}>
              <PlusIcon /> New app
            </button>
          )}
        </div>
        <RangeNote />
        <Loaded answer={overview} what="The apps" height={280}>
          {({ data, range }) =>
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
                  <AppCard key={app.app_id} app={app} range={range} />
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

/** The figures of all apps, which cost the hub most: asked for once it is known of which range. */
function useOverview(apps: Apps): Answer<Overview> {
  const { params } = useLocation();
  const isRangeKnown = useRangeInAddress(apps);
  const range = parseRange(params);
  const env = params.get("env") ?? "";
  const span = range.kind === "fixed" ? `${range.from}-${range.to}` : range.preset.name;
  const overview = useQuery(isRangeKnown ? `overview/${span}/${env}` : null, signal => {
    const { from, to } = windowOf(range, Date.now() / 1000);
    return queries.overview({ from: String(from), to: String(to), ...(env !== "" && { env }) }, signal);
  });
  return isRangeKnown ? overview : { ...overview, problem: apps.problem, retry: apps.retry };
}

function EnvironmentChoice({ names }: { names: readonly string[] }) {
  const chosen = useLocation().params.get("env") ?? "";
  if (names.length < 2 && chosen === "") return null;
  const all = chosen === "" || names.includes(chosen) ? names : [chosen, ...names];
  return (
    <select
      className="select"
      aria-label="Environment"
      title="Apps that do not have it show their production"
      value={chosen}
      onChange={event => navigate(withParams({ env: event.target.value }))}
    >
      <option value="">Production of each</option>
      {all.map(name => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

/** The address says which range is shown, also when the reader did not choose it: the apps tell which fits. Answers whether it does. */
function useRangeInAddress({ data }: Apps): boolean {
  const { params } = useLocation();
  const isNamed = namesRange(params);
  useEffect(() => {
    if (data === null || isNamed) return;
    const { name } = fittingPreset(firstReportAt(data.data), Date.now() / 1000);
    navigate(withParams({ range: name }), "replace");
  }, [data, isNamed]);
  return isNamed;
}
