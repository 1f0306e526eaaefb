// biome-ignore-all lint/a11y/useSemanticElements: rows of a real table cannot stand where the scroll position says
/** One request in the list. Texts of the monitored app are only ever text. */
import { memo, type ReactNode } from "react";
import type { LogRow } from "../../../api/model";
import { bytes, duration } from "../../../format/numbers";
import { clockTime, fullTime } from "../../../format/time";
import { Link } from "../../../ui/Link";
import { MethodBadge } from "../../../ui/MethodBadge";
import { StatusMark } from "../StatusMark";
import type { LogColumn, LogColumnKey } from "./columns";

export const ROW_HEIGHT = 32;
/** The bar is as long as the logarithm of the duration, from a tenth of a millisecond to ten seconds. */
const [SHORTEST_MS, LONGEST_MS] = [0.1, 10_000];

export function barShare(ms: number): number {
  const share = Math.log(Math.max(ms, SHORTEST_MS) / SHORTEST_MS) / Math.log(LONGEST_MS / SHORTEST_MS);
  return Math.min(1, Math.max(0.03, share));
}
const slowness = (ms: number) => (ms >= 2000 ? "very" : ms >= 500 ? "slow" : "quick");

/** What a column shows of a request, and what it says when pointed at. */
interface Cell {
  show: (row: LogRow) => ReactNode;
  title?: (row: LogRow) => string | undefined;
}

const whoOf = ({ consumer }: LogRow) =>
  consumer === null ? "" : (consumer.name ?? consumer.identifier ?? "forgotten");

const CELLS: Record<Exclude<LogColumnKey, "request">, Cell> = {
  time: {
    show: row => clockTime(row.time_us / 1_000_000),
    title: row => fullTime(row.time_us / 1_000_000),
  },
  route: { show: row => row.path, title: row => row.path },
  status: { show: row => <StatusMark status={row.status} /> },
  duration: {
    show: ({ duration_ms }) => (
      <span className="log-bar" data-slow={slowness(duration_ms)}>
        <i aria-hidden="true" style={{ width: `${barShare(duration_ms) * 56}px` }} />
        <b>{duration(duration_ms)}</b>
      </span>
    ),
  },
  consumer: { show: whoOf, title: ({ consumer }) => consumer?.identifier ?? undefined },
  address: { show: row => row.client_address ?? "" },
  trace: { show: row => row.trace_id ?? "", title: row => row.trace_id ?? undefined },
  sent: { show: row => bytes(row.request_bytes) },
  size: { show: row => bytes(row.response_bytes) },
};

interface Props {
  row: LogRow;
  /** Of which columns; the same list as long as they are the same. */
  columns: readonly LogColumn[];
  index: number;
  active: boolean;
  to: string;
  open: (id: string) => void;
}

export const LogRowView = memo(function LogRowView({ row, columns, index, active, to, open }: Props) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the link within does the same with the keyboard
    // biome-ignore lint/a11y/useFocusableInteractive: the link within has the focus
    <div
      role="row"
      className="log-row"
      aria-rowindex={index + 2}
      data-active={active || undefined}
      data-class={String(row.status)[0]}
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
      onClick={() => open(row.id)}
    >
      {columns.map(({ key }) =>
        key === "request" ? (
          <Request key={key} row={row} to={to} />
        ) : (
          <span role="cell" key={key} className={`log-${key}`} title={CELLS[key].title?.(row)}>
            {CELLS[key].show(row)}
          </span>
        ),
      )}
    </div>
  );
});

function Request({ row: { method, url, path }, to }: { row: LogRow; to: string }) {
  return (
    <span role="cell" className="log-request">
      <MethodBadge method={method} />
      <Link to={to} className="mono log-url" title={`${url}\n${path}`} onClick={event => event.stopPropagation()}>
        {url}
      </Link>
    </span>
  );
}
