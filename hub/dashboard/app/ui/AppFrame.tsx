/** The frame of an app's pages: the sidebar, and the bar with what all pages share (environment, range, freshness). */
import { type ReactNode, useEffect } from "react";
import { environmentOf, environmentsOf, useApps } from "../api/apps";
import type { App, AppEnvironment } from "../api/model";
import type { FilterName } from "../url/filters";
import { navigate, useLocation, withParams } from "../url/location";
import { fittingPreset, NO_ZOOM, namesRange, parseRange } from "../url/range";
import "./frame.css";
import { CopyLink } from "./CopyButton";
import { FilterBar } from "./FilterBar";
import { Freshness, RefreshControl } from "./Freshness";
import { ZoomOutIcon } from "./icons";
import { Empty, HubGone, ProblemNote, Skeleton, ToldAbove } from "./notes";
import { SaveView } from "./PaletteButton";
import { RangeNote } from "./RangeNote";
import { RangePicker } from "./RangePicker";
import { Sidebar } from "./Sidebar";

interface Props {
  appId: string;
  title: ReactNode;
  /** For the title of the window. */
  titleText: string;
  /** Whether the page shows a range of one environment; its controls are left out where it does not. */
  ranged?: boolean;
  /** What the page can be narrowed by; it says so where it is. */
  filters?: readonly FilterName[];
  /** The page for the environment looked at; null when the app has never reported. */
  children: (app: App, environment: AppEnvironment | null) => ReactNode;
}

export function AppFrame({ appId, title, titleText, ranged = true, filters = [], children }: Props) {
  const { data, problem, retry } = useApps();
  const { params } = useLocation();
  const app = data?.data.find(one => one.app_id === appId);
  const environment = app ? environmentOf(app, params.get("env")) : null;
  useTitle(app ? `${titleText} · ${app.name}` : titleText);
  const settled = useSettledAddress(environment);
  return (
    <div className="frame">
      <Sidebar app={app ?? null} appId={appId} />
      <main className="main">
        <header className="toolbar">
          <div className="toolbar-title">{title}</div>
          {environment && filters.length > 0 && <FilterBar appId={appId} env={environment.env} known={filters} />}
          {app && environment && <Controls app={app} environment={environment} ranged={ranged} />}
        </header>
        <HubGone />
        {ranged && <RangeNote />}
        <ToldAbove value>
          {problem && <ProblemNote problem={problem} what="The list of apps" kept={data !== null} retry={retry} />}
          {data === null && !problem && <Skeleton height={420} />}
          {data && !app && (
            <Empty title="There is no such app">It may have been removed, or the address is wrong.</Empty>
          )}
          {app && settled && children(app, environment)}
        </ToldAbove>
      </main>
    </div>
  );
}

function Controls({ app, environment, ranged }: { app: App; environment: AppEnvironment; ranged: boolean }) {
  const zoomed = parseRange(useLocation().params).kind === "fixed";
  return (
    <div className="toolbar-controls">
      <Freshness environment={environment} />
      {ranged && (
        <>
          {zoomed && (
            <button
              type="button"
              className="button button-icon"
              onClick={() => navigate(withParams(NO_ZOOM))}
              data-testid="reset-zoom"
              aria-label="Reset zoom"
              title="Reset zoom: show the range as it was"
            >
              <ZoomOutIcon />
            </button>
          )}
          <select
            className="select"
            aria-label="Environment"
            value={environment.env}
            onChange={event => navigate(withParams({ env: event.target.value }))}
          >
            {environmentsOf(app).map(({ env }) => (
              <option key={env} value={env}>
                {env}
              </option>
            ))}
          </select>
          <RangePicker />
          <SaveView />
          <CopyLink />
          <RefreshControl />
        </>
      )}
    </div>
  );
}

/** A shared address says which environment and range it shows, also when the reader did not choose them. Answers whether it does. */
function useSettledAddress(environment: AppEnvironment | null): boolean {
  const { params } = useLocation();
  const settled = environment === null || (params.get("env") === environment.env && namesRange(params));
  useEffect(() => {
    if (environment === null || settled) return;
    const { name } = fittingPreset(environment.first_report_at, Date.now() / 1000);
    navigate(withParams({ env: environment.env, ...(!namesRange(params) && { range: name }) }), "replace");
  }, [environment, settled, params]);
  return settled;
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Sendry`;
  }, [title]);
}
