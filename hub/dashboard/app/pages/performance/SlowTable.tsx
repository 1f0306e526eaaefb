/** The endpoints that cost the most time, or make callers wait the longest. */
import { apdex, count, duration, exact, percent } from "../../format/numbers";
import { DataTable } from "../../table/DataTable";
import { EndpointCell } from "../../table/EndpointCell";
import { apdexWord } from "../../ui/ErrorRate";
import { Empty } from "../../ui/notes";
import { useLocation } from "../../url/location";
import { paths, scopedPath } from "../../url/scope";
import { SLOW_ORDER, type SlowRow, slowCsv } from "./slowState";

export function SlowTable({ appId, rows }: { appId: string; rows: readonly SlowRow[] }) {
  const here = useLocation();
  const whole = rows.reduce((sum, row) => sum + row.total_ms, 0);
  const top = Math.max(1, ...rows.map(row => row.total_ms));
  const linkOf = ({ method, path }: SlowRow) => scopedPath(here, paths.endpoint(appId), { method, path });
  const cells = {
    path: (row: SlowRow) => <EndpointCell of={row} to={linkOf(row)} />,
    total: {
      show: (row: SlowRow) => (
        <span className="count-bar" data-tone="requests">
          <i aria-hidden="true" style={{ width: `${Math.max(2, (row.total_ms / top) * 100)}%` }} />
          <b>{percent(row.total_ms, whole)}</b>
        </span>
      ),
      title: (row: SlowRow) => `${duration(row.total_ms)}, ${percent(row.total_ms, whole)} of all time`,
    },
    requests: { show: (row: SlowRow) => count(row.requests), title: (row: SlowRow) => exact(row.requests) },
    mean: (row: SlowRow) => duration(row.mean_ms),
    p50: (row: SlowRow) => duration(row.p50_ms),
    p95: (row: SlowRow) => duration(row.p95_ms),
    p99: (row: SlowRow) => duration(row.p99_ms),
    max: (row: SlowRow) => duration(row.max_ms),
    apdex: {
      show: (row: SlowRow) => apdex(row.apdex),
      title: (row: SlowRow) => (row.apdex === null ? undefined : apdexWord(row.apdex)),
    },
  };
  return (
    <DataTable
      name="slow"
      title="Slowest endpoints"
      order={SLOW_ORDER}
      rows={rows}
      keyOf={row => `${row.method} ${row.path}`}
      cells={cells}
      linkOf={linkOf}
      search={{
        placeholder: "Search method or path",
        label: "Search endpoints",
        text: row => `${row.method} ${row.path}`,
      }}
      csv={slowCsv}
      empty={<Empty title="No requests in this range">Choose a longer range, or another environment.</Empty>}
      nothingFits="No endpoint fits"
    />
  );
}
