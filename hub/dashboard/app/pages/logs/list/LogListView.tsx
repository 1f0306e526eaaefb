// biome-ignore-all lint/a11y/useSemanticElements: rows of a real table cannot stand where the scroll position says
// biome-ignore-all lint/a11y/useFocusableInteractive: what has the focus is the link within a row
/** The list of requests: only the rows in the window are drawn, older ones are asked for before their end is reached. */
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { LogRow } from "../../../api/model";
import { exact } from "../../../format/numbers";
import { dateTime } from "../../../format/time";
import { Empty, ProblemNote, Skeleton } from "../../../ui/notes";
import { isDated, type LogColumn, useShownColumns } from "./columns";
import { LogRowView, ROW_HEIGHT } from "./LogRowView";
import { rowsInView } from "./pages";
import type { Logs } from "./useLogs";

/** Older ones are asked for when fewer rows than this are left below the window. */
const AHEAD = 60;
const TOP_PX = 8;

interface Props {
  logs: Logs;
  outdated: boolean;
  live: boolean;
  /** The row that the keys stand on. */
  active: number | null;
  linkOf: (row: LogRow) => string;
  open: (id: string) => void;
  /** Whether the range holds no request logs at all, whatever is searched for. */
  whole: boolean;
}

export function LogListView({ logs, outdated, live, active, linkOf, open, whole }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ scrolled: 0, height: 600 });
  useLayoutEffect(() => {
    const shown = scroller.current;
    if (!shown) return;
    const measure = () => setView({ scrolled: shown.scrollTop, height: shown.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(shown);
    return () => observer.disconnect();
  }, []);
  const { rows, newer, loading, next, stoppedAtUs, goOn, takeNewer } = logs;
  const { columns, style } = useShownColumns(isDated(rows));
  const { first, last } = rowsInView(view.scrolled, view.height, ROW_HEIGHT, rows.length);
  const nearEnd = rows.length - last < AHEAD;
  useEffect(() => {
    if (nearEnd && next !== null && stoppedAtUs === null && !loading && logs.problem === null) goOn();
  }, [nearEnd, next, stoppedAtUs, loading, logs.problem, goOn]);
  const atTop = view.scrolled <= TOP_PX;
  useEffect(() => {
    if (newer.length > 0 && (atTop || live)) takeNewer();
  }, [newer, atTop, live, takeNewer]);
  useActiveInView(scroller, active);
  const toTop = () => {
    takeNewer();
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <div className={`log-list ${outdated ? "outdated" : ""}`}>
      {newer.length > 0 && !atTop && !live && (
        <button type="button" className="button log-newer" onClick={toTop}>
          ↑ {exact(newer.length)} newer
        </button>
      )}
      <div
        className="log-scroll"
        ref={scroller}
        role="table"
        aria-label="Requests"
        style={style as React.CSSProperties}
        aria-rowcount={next === null ? rows.length + 1 : -1}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the list is scrolled with the keyboard
        tabIndex={0}
        onScroll={event =>
          setView({ scrolled: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
        }
      >
        <Head columns={columns} />
        <div role="rowgroup" className="log-rows" style={{ height: rows.length * ROW_HEIGHT }}>
          {rows.slice(first, last).map((row, place) => (
            <LogRowView
              key={row.id}
              row={row}
              columns={columns}
              index={first + place}
              active={active === first + place}
              to={linkOf(row)}
              open={open}
            />
          ))}
        </div>
        <Foot logs={logs} whole={whole} />
      </div>
    </div>
  );
}

function Head({ columns }: { columns: readonly LogColumn[] }) {
  return (
    <div role="rowgroup" className="log-head">
      <div role="row" className="log-row">
        {columns.map(({ key, label, hint }) => (
          <span role="columnheader" key={key} className={`log-${key}`} title={hint}>
            {label}
          </span>
        ))}
      </div>
    </div>
  );
}

function Foot({ logs, whole }: { logs: Logs; whole: boolean }) {
  const { rows, loading, problem, stoppedAtUs, next, goOn, retry } = logs;
  if (problem)
    return (
      <ProblemNote
        problem={problem}
        what="The requests"
        kept={rows.length > 0}
        retry={rows.length > 0 ? goOn : retry}
      />
    );
  if (loading && rows.length === 0) return <Skeleton height={400} />;
  if (loading) return <p className="log-foot muted">Loading older requests …</p>;
  if (stoppedAtUs !== null && next !== null)
    return (
      <div className="log-foot">
        <span className="muted">Searched back to {dateTime(stoppedAtUs / 1_000_000)}.</span>
        <button type="button" className="button button-small" onClick={goOn}>
          Search further back
        </button>
      </div>
    );
  if (rows.length === 0 && whole)
    return (
      <Empty title="No requests are logged in this range">
        Request logs are off until the app asks for them, with <code>Builder::request_logs</code>; sampling may leave
        requests out. Counts on the other pages do not depend on them.
      </Empty>
    );
  if (rows.length === 0)
    return <Empty title="No logged request fits">Try fewer conditions, or a longer time range.</Empty>;
  return next === null ? <p className="log-foot muted">That is all: {exact(rows.length)} requests.</p> : null;
}

function useActiveInView(scroller: React.RefObject<HTMLDivElement | null>, active: number | null): void {
  useEffect(() => {
    const shown = scroller.current;
    if (!shown || active === null) return;
    const top = active * ROW_HEIGHT;
    const room = shown.clientHeight - 2 * ROW_HEIGHT;
    if (top < shown.scrollTop) shown.scrollTop = top;
    else if (top > shown.scrollTop + room) shown.scrollTop = top - room;
  }, [scroller, active]);
}
