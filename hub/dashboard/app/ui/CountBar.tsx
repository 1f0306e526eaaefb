/** A count with a small bar that compares it with the highest of its table. */
import { exact, count as short } from "../format/numbers";
import "./bars.css";

export type BarTone = "requests" | "client" | "server" | "plain";

/** What has more digits would not fit beside its bar. */
const FITTING = 1_000_000;

export function CountBar({ count, top, tone = "client" }: { count: number; top: number; tone?: BarTone }) {
  return (
    <span className="count-bar" data-tone={tone}>
      <i aria-hidden="true" style={{ width: `${Math.max(2, (count / Math.max(1, top)) * 100)}%` }} />
      {count < FITTING ? <b>{exact(count)}</b> : <b title={exact(count)}>{short(count)}</b>}
    </span>
  );
}
