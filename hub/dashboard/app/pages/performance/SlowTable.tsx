/** The endpoints that cost the most time, or make callers wait the longest. */
import { useRef, useState } from "react";
import { saveAs } from "../../format/csv";
import { apdex, count, duration, exact, percent } from "../../format/numbers";
import { SearchField } from "../../table/SearchField";
import { SortHead } from "../../table/SortHead";
import { hasWords } from "../../table/sorting";
import { useRowKeys } from "../../table/useRowKeys";
import { apdexWord } from "../../ui/ErrorRate";
import { DownloadIcon } from "../../ui/icons";
import { Link } from "../../ui/Link";
import { MethodBadge } from "../../ui/MethodBadge";
import { Empty } from "../../ui/notes";
import { navigate, useLocation } from "../../url/location";
import { paths, scopedPath } from "../../url/scope";
import { SLOW_ORDER, type SlowRow, slowCsv } from "./slowState";

/** Rows drawn at once; more on demand. */
const ROWS_SHOWN = 100;

export function SlowTable({ appId, rows }: { appId: string; rows: readonly SlowRow[] }) {
  const { params } = useLocation();
  const [limit, setLimit] = useState(ROWS_SHOWN);
  const sort = SLOW_ORDER.parse(params);
  const search = params.get("q") ?? "";
  const found = SLOW_ORDER.sort(
    rows.filter(row => hasWords(`${row.method} ${row.path}`, search)),
    sort,
  );
  const whole = rows.reduce((sum, row) => sum + row.total_ms, 0);
  const top = Math.max(0, ...rows.map(row => row.total_ms));
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <section className="panel slow" aria-label="Slowest endpoints">
      <div className="panel-head">
        <h2>
          Slowest endpoints <span className="muted num">{exact(found.length)}</span>
        </h2>
        <div className="table-tools">
          <SearchField placeholder="Search method or path" label="Search endpoints" />
          <button
            type="button"
            className="button"
            onClick={() => saveAs("slowest-endpoints.csv", slowCsv(found))}
            title="Save this table as CSV"
          >
            <DownloadIcon /> CSV
          </button>
        </div>
      </div>
      <div className="table-scroll">
        <table className="table">
          <SortHead order={SLOW_ORDER} sort={sort} />
          <tbody ref={body}>
            {found.slice(0, limit).map(row => (
              <SlowEndpoint key={`${row.method} ${row.path}`} appId={appId} row={row} whole={whole} top={top} />
            ))}
          </tbody>
        </table>
      </div>
      {found.length === 0 && (
        <Empty title={rows.length === 0 ? "No requests in this range" : "No endpoint fits"}>
          {rows.length > 0 && "Esc clears the search."}
        </Empty>
      )}
      {found.length > limit && (
        <button type="button" className="button table-more" onClick={() => setLimit(limit + ROWS_SHOWN)}>
          Show {exact(Math.min(ROWS_SHOWN, found.length - limit))} more
        </button>
      )}
    </section>
  );
}

interface RowProps {
  appId: string;
  row: SlowRow;
  whole: number;
  top: number;
}

function SlowEndpoint({ appId, row, whole, top }: RowProps) {
  const to = scopedPath(useLocation(), paths.endpoint(appId), { method: row.method, path: row.path });
  return (
    <tr className="row-link" onClick={() => navigate(to)}>
      <td className="col-path">
        <MethodBadge method={row.method} />
        <Link to={to} className="endpoint-link mono" title={row.path} onClick={event => event.stopPropagation()}>
          {row.path}
        </Link>
      </td>
      <td className="col-total" title={`${duration(row.total_ms)}, ${percent(row.total_ms, whole)} of all time`}>
        <span className="count-bar" data-tone="requests">
          <i aria-hidden="true" style={{ width: `${Math.max(2, (row.total_ms / Math.max(1, top)) * 100)}%` }} />
          <b>{percent(row.total_ms, whole)}</b>
        </span>
      </td>
      <td className="col-requests" title={exact(row.requests)}>
        {count(row.requests)}
      </td>
      <td className="col-mean">{duration(row.mean_ms)}</td>
      <td className="col-p50">{duration(row.p50_ms)}</td>
      <td className="col-p95">{duration(row.p95_ms)}</td>
      <td className="col-p99">{duration(row.p99_ms)}</td>
      <td className="col-max">{duration(row.max_ms)}</td>
      <td className="col-apdex" title={row.apdex === null ? undefined : apdexWord(row.apdex)}>
        {apdex(row.apdex)}
      </td>
    </tr>
  );
}
