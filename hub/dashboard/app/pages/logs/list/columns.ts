/** The columns of the list of requests, and how wide each is. Which are shown is in the address. The order is that of time. */
import { useMemo } from "react";
import type { LogRow } from "../../../api/model";
import { type Column, orderBy } from "../../../table/sorting";
import { useLocation } from "../../../url/location";

interface Wide {
  /** In pixels, at the least. */
  width: number;
  /** At the most, in CSS; as wide as it is at the least where this is absent. */
  up?: string;
  /** On phones, in pixels; 0 takes what the others leave, and one without is not shown there. */
  narrow?: number;
}

const text = <Key extends string>(key: Key, label: string) => ({ key, label, text: true, first: "asc" }) as const;

const COLUMNS = [
  { ...text("time", "Time"), value: row => row.time_us, width: 92, fixed: true },
  { ...text("request", "Request"), value: row => row.url, width: 160, up: "1fr", narrow: 0, fixed: true },
  { ...text("route", "Route"), hint: "The template", value: row => row.path, width: 120, up: "0.7fr", extra: true },
  { ...text("status", "Status"), value: row => row.status, width: 54, narrow: 58 },
  { ...text("duration", "Duration"), value: row => row.duration_ms, width: 122, narrow: 64 },
  { ...text("consumer", "Consumer"), value: row => row.consumer?.identifier ?? null, width: 56, up: "124px" },
  { ...text("address", "Address"), hint: "Of the client", value: row => row.client_address, width: 104, extra: true },
  { ...text("trace", "Trace"), value: row => row.trace_id, width: 120, up: "236px", extra: true },
  {
    ...text("sent", "Sent"),
    hint: "The size of the request's body",
    value: row => row.request_bytes,
    width: 58,
    extra: true,
  },
  { ...text("size", "Size"), hint: "Of the response's body", value: row => row.response_bytes, width: 58 },
] as const satisfies readonly (Column<LogRow> & Wide)[];

export type LogColumnKey = (typeof COLUMNS)[number]["key"];
export type LogColumn = Column<LogRow> & Wide & { key: LogColumnKey };

export const LOG_ORDER = orderBy<LogRow>(COLUMNS, COLUMNS[0], row => row.id);

const [GAP, PADDING] = [12, 16];
/** For a time with its day. */
const DATED_PX = 132;

/** Whether any of the rows, the newest first, shows its day: the oldest does, or none. */
export function isDated(rows: readonly LogRow[], now: Date = new Date()): boolean {
  const oldest = rows.at(-1);
  return oldest !== undefined && new Date(oldest.time_us / 1000).toDateString() !== now.toDateString();
}

export interface Shown {
  columns: readonly LogColumn[];
  /** For the grid of the rows: on wide screens, and on phones. */
  style: Record<"--log-columns" | "--log-columns-narrow" | "--log-width", string>;
}

export function shownOf(params: URLSearchParams, dated: boolean): Shown {
  const columns = (LOG_ORDER.shown(params) as LogColumn[]).map(column =>
    dated && column.key === "time" ? { ...column, width: DATED_PX } : column,
  );
  const least = columns.reduce((sum, { width }) => sum + width + GAP, 2 * PADDING - GAP);
  const wide = columns.map(({ width, up }) => (up === undefined ? `${width}px` : `minmax(${width}px, ${up})`));
  const narrow = columns.flatMap(({ narrow: px }) =>
    px === undefined ? [] : [px === 0 ? "minmax(0, 1fr)" : `${px}px`],
  );
  return {
    columns,
    style: {
      "--log-columns": wide.join(" "),
      "--log-columns-narrow": narrow.join(" "),
      "--log-width": `${least}px`,
    },
  };
}

/** The same object as long as the columns are the same. `dated`: whether the times need room for their days. */
export function useShownColumns(dated: boolean): Shown {
  const cols = useLocation().params.get(LOG_ORDER.param("cols"));
  return useMemo(() => shownOf(new URLSearchParams(cols === null ? "" : { cols }), dated), [cols, dated]);
}
