/** Cells that the lists of the settings share. */
import type { ReactNode } from "react";
import { dateTime, fullTime } from "../../format/time";

/** Above what can be done about a row. */
export function ActionHead() {
  return (
    <th>
      <span className="visually-hidden">Action</span>
    </th>
  );
}

interface ActionProps {
  run: () => void;
  busy?: boolean;
  /** Where the words alone do not say what about. */
  label?: string;
  children: ReactNode;
}

/** What can be done about a row. */
export function ActionButton({ run, busy = false, label, children }: ActionProps) {
  return (
    <button type="button" className="button button-small" disabled={busy} aria-label={label} onClick={run}>
      {children}
    </button>
  );
}

/** A moment that phones have no room for; by whom, where that is known. */
export function DateCell({ at, by, none }: { at: number | null; by?: string; none?: string }) {
  const title = by === undefined ? fullTime(at) : `${fullTime(at)} by ${by}`;
  return (
    <td className="hide-narrow" title={title}>
      {at === null && none !== undefined ? none : dateTime(at)}
    </td>
  );
}
