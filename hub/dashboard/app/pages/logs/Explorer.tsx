/** The explorer: query, timeline, facets, list and drawer, all of one state in the address. */
import { useMemo, useState } from "react";
import { type LogSearch, logFacets, logTimeline } from "../../api/logQueries";
import type { AppEnvironment, LogRow } from "../../api/model";
import { useQuery } from "../../api/useQuery";
import { Loaded } from "../../ui/notes";
import { useShortcuts } from "../../ui/useShortcuts";
import { navigate, useLocation, withParams } from "../../url/location";
import { NO_ZOOM } from "../../url/range";
import { useScope } from "../../url/useScope";
import { LogDrawer } from "./detail/LogDrawer";
import { ExportBar } from "./export/ExportBar";
import { useExport } from "./export/useExport";
import { Facets } from "./facets/Facets";
import { LogListView } from "./list/LogListView";
import { Tools } from "./list/Tools";
import { useLogs } from "./list/useLogs";
import { QueryBar } from "./query/QueryBar";
import { type LogQuery, limitsOf, paramsOf, queryOf } from "./query/query";
import { Timeline } from "./Timeline";

const linkOf = (row: LogRow) => withParams({ log: row.id });
const open = (id: string) => navigate(withParams({ log: id }));

export function Explorer({ appId, environment }: { appId: string; environment: AppEnvironment }) {
  const { params } = useLocation();
  const scope = useScope(appId, environment.env);
  const query = queryOf(params);
  const own = JSON.stringify(query);
  const key = `${scope.key}/${own}`;
  const search = useMemo(() => searchOf(scope.query, JSON.parse(own) as LogQuery), [scope.query, own]);
  const live = params.get("live") === "1" && scope.range.kind === "moving";
  const timeline = useQuery(`log-timeline/${key}`, signal => logTimeline(appId, search(), signal));
  const facets = useQuery(`log-facets/${key}`, signal => logFacets(appId, search(), signal));
  const exporting = useExport(appId, search);
  const logs = useLogs({ appId, key, search, moving: scope.range.kind === "moving", live });
  const [stood, setStood] = useState<string | null>(null);
  const opened = params.get("log");
  const standing = opened ?? stood;
  const place = logs.rows.findIndex(row => row.id === standing);
  const step = (by: 1 | -1) => {
    const next = logs.rows[place < 0 ? 0 : Math.min(logs.rows.length - 1, Math.max(0, place + by))];
    if (!next) return;
    setStood(next.id);
    if (opened !== null) navigate(withParams({ log: next.id }), "replace");
  };
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    Enter: event => {
      if (place < 0 || (event.target as HTMLElement).closest("a, button")) return;
      open(logs.rows[place]?.id ?? "");
    },
    Escape: () => setStood(null),
  });
  const ask = (next: LogQuery) => navigate(withParams(paramsOf(next)));
  const outdated = timeline.outdated && timeline.data !== null;
  return (
    <div className="explorer">
      <QueryBar query={query} ask={ask} />
      <Loaded answer={timeline} what="The timeline" height={150}>
        {answer => <Timeline answer={answer} scope={scope} />}
      </Loaded>
      <div className="explorer-body">
        <aside className="panel" aria-label="What the requests have">
          <Loaded answer={facets} what="The counts" height={360}>
            {answer => <Facets facets={answer} query={query} change={changes => ask({ ...query, ...changes })} />}
          </Loaded>
        </aside>
        <section className="panel log-panel" aria-label="Logged requests">
          <Tools
            rows={logs.rows}
            live={live}
            exporting={exporting}
            setLive={on => navigate(withParams({ live: on ? "1" : null, ...(on && NO_ZOOM) }), "replace")}
          />
          <ExportBar {...exporting} />
          <LogListView
            logs={logs}
            outdated={outdated}
            live={live}
            active={place < 0 ? null : place}
            linkOf={linkOf}
            open={open}
            whole={own === "{}"}
          />
        </section>
      </div>
      {opened !== null && (
        <LogDrawer
          appId={appId}
          id={opened}
          step={step}
          onClose={() => navigate(withParams({ log: null, tab: null }))}
        />
      )}
    </div>
  );
}

/** The parameters of the reads, as of when they are asked. */
function searchOf(scopeQuery: () => LogSearch, query: LogQuery): () => LogSearch {
  const { min, max } = limitsOf(query);
  return () => ({
    ...scopeQuery(),
    ...(query.q !== undefined && { text: query.q }),
    ...(query.trace !== undefined && { trace_id: query.trace }),
    ...(min !== undefined && { min_ms: min }),
    ...(max !== undefined && { max_ms: max }),
  });
}
