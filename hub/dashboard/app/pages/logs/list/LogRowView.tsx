// biome-ignore-all lint/a11y/useSemanticElements: rows of a real table cannot stand where the scroll position says
/** One request in the list. Texts of the monitored app are only ever text. */
import { memo } from "react";
import type { LogRow } from "../../../api/model";
import { bytes, duration } from "../../../format/numbers";
import { clockTime, fullTime } from "../../../format/time";
import { Link } from "../../../ui/Link";
import { MethodBadge } from "../../../ui/MethodBadge";
import { StatusMark } from "../StatusMark";

export const ROW_HEIGHT = 32;
/** The bar is as long as the logarithm of the duration, from a tenth of a millisecond to ten seconds. */
const [SHORTEST_MS, LONGEST_MS] = [0.1, 10_000];

export function barShare(ms: number): number {
  const share = Math.log(Math.max(ms, SHORTEST_MS) / SHORTEST_MS) / Math.log(LONGEST_MS / SHORTEST_MS);
  return Math.min(1, Math.max(0.03, share));
}
const slowness = (ms: number) => (ms >= 2000 ? "very" : ms >= 500 ? "slow" : "quick");

interface Props {
  row: LogRow;
  index: number;
  active: boolean;
  to: string;
  open: (id: string) => void;
}

export const LogRowView = memo(function LogRowView({ row, index, active, to, open }: Props) {
  const { time_us, method, url, path, status, duration_ms, consumer, response_bytes } = row;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the link within does the same with the keyboard
    // biome-ignore lint/a11y/useFocusableInteractive: the link within has the focus
    <div
      role="row"
      className="log-row"
      aria-rowindex={index + 2}
      data-active={active || undefined}
      data-class={String(status)[0]}
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
      onClick={() => open(row.id)}
    >
      <span role="cell" className="log-time" title={fullTime(time_us / 1_000_000)}>
        {clockTime(time_us / 1_000_000)}
      </span>
      <span role="cell" className="log-request">
        <MethodBadge method={method} />
        <Link to={to} className="mono log-url" title={`${url}\n${path}`} onClick={event => event.stopPropagation()}>
          {url}
        </Link>
      </span>
      <span role="cell" className="log-status">
        <StatusMark status={status} />
      </span>
      <span role="cell" className="log-duration" data-slow={slowness(duration_ms)}>
        <i aria-hidden="true" style={{ width: `${barShare(duration_ms) * 56}px` }} />
        <b>{duration(duration_ms)}</b>
      </span>
      <span role="cell" className="log-consumer" title={consumer?.identifier ?? undefined}>
        {consumer === null ? "" : (consumer?.name ?? consumer?.identifier ?? "forgotten")}
      </span>
      <span role="cell" className="log-size">
        {bytes(response_bytes)}
      </span>
    </div>
  );
});
