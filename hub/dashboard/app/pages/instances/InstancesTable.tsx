/** One row per process. What is wrong is said in words beside the number. */
import type { Instance } from "../../api/model";
import { csvOf } from "../../format/csv";
import { exact } from "../../format/numbers";
import { ago, dateTime, fullTime, span } from "../../format/time";
import { DataTable } from "../../table/DataTable";
import { type Column, orderBy } from "../../table/sorting";
import { STALE_SECS } from "../../ui/Freshness";
import { Empty } from "../../ui/notes";
import { useNow } from "../../ui/useNow";

/** Below this a clock is right enough for minutes. */
const CLOCK_WARN_MS = 30_000;

type Tone = "ok" | "warn" | "quiet";

export function stateOf(instance: Instance, now: number): { text: string; tone: Tone } {
  if (instance.ended) return { text: "Ended", tone: "quiet" };
  if (instance.last_report_at === null) return { text: "Starting", tone: "quiet" };
  if (now - instance.last_report_at > STALE_SECS) return { text: "Silent", tone: "warn" };
  return { text: "Reporting", tone: "ok" };
}

export function clockText(offsetMs: number): { text: string; wrong: boolean } {
  const secs = Math.abs(offsetMs) / 1000;
  if (secs < 1) return { text: "in step", wrong: false };
  return { text: `${span(secs)} ${offsetMs > 0 ? "behind" : "ahead"}`, wrong: Math.abs(offsetMs) >= CLOCK_WARN_MS };
}

const COLUMNS = [
  { key: "state", label: "State", text: true, value: row => stateOf(row, Date.now() / 1000).text, first: "asc" },
  { key: "host", label: "Host", text: true, value: row => row.host, first: "asc" },
  { key: "version", label: "Version", text: true, value: row => row.app_version, first: "desc" },
  { key: "sdk", label: "SDK", text: true, value: row => row.sdk, first: "asc" },
  { key: "started", label: "Started", value: row => row.started_at, first: "desc" },
  { key: "last", label: "Last report", value: row => row.last_report_at, first: "desc" },
  { key: "reports", label: "Reports", value: row => row.reports, first: "desc" },
  {
    key: "missing",
    label: "Missing",
    hint: "Reports that were sent, by their running numbers, and have not arrived",
    value: row => row.missing_reports,
    first: "desc",
  },
  {
    key: "clock",
    label: "Clock",
    hint: "How far the clock of the machine is from the hub's; times are corrected by it",
    value: row => Math.abs(row.clock_offset_ms),
    first: "desc",
  },
] as const satisfies readonly Column<Instance>[];

const ORDER = orderBy<Instance>(COLUMNS, COLUMNS[4], row => row.instance_id, "instance-");

const instancesCsv = csvOf<Instance>(
  "instance_id",
  "host",
  "app_version",
  "sdk",
  "framework",
  "started_at",
  "last_report_at",
  "reports",
  "missing_reports",
  "clock_offset_ms",
);

export function InstancesTable({ instances }: { instances: readonly Instance[] }) {
  const now = useNow();
  const cells = {
    state: (row: Instance) => {
      const { text, tone } = stateOf(row, now);
      return (
        <span className="state" data-tone={tone}>
          {text}
        </span>
      );
    },
    host: (row: Instance) => (
      <>
        {row.host ?? "unknown host"}
        <span className="mono muted" title={row.instance_id}>
          {row.instance_id.slice(0, 8)}
        </span>
      </>
    ),
    version: (row: Instance) => <span className="mono">{row.app_version ?? "–"}</span>,
    sdk: (row: Instance) => (
      <>
        {row.sdk ?? "–"}
        {row.framework && <span className="muted"> · {row.framework}</span>}
      </>
    ),
    started: { show: (row: Instance) => dateTime(row.started_at), title: (row: Instance) => fullTime(row.started_at) },
    last: {
      show: (row: Instance) => ago(row.last_report_at, now),
      title: (row: Instance) => fullTime(row.last_report_at),
    },
    reports: (row: Instance) => exact(row.reports),
    missing: ({ missing_reports: missing }: Instance) => (
      <span className={missing > 0 ? "wrong" : "muted"}>{missing > 0 ? `${exact(missing)} missing` : "none"}</span>
    ),
    clock: (row: Instance) => {
      const { text, wrong } = clockText(row.clock_offset_ms);
      return <span className={wrong ? "wrong" : "muted"}>{text}</span>;
    },
  };
  return (
    <DataTable
      name="instances"
      title="Instances"
      order={ORDER}
      rows={instances}
      keyOf={row => row.instance_id}
      cells={cells}
      search={{
        placeholder: "Search host or version",
        label: "Search instances",
        text: row => `${row.host ?? ""} ${row.instance_id} ${row.app_version ?? ""} ${row.sdk ?? ""}`,
      }}
      csv={instancesCsv}
      empty={
        <Empty title="No instance reported in this range">Choose a longer range, or look whether the app runs.</Empty>
      }
      nothingFits="No instance fits"
    />
  );
}
