/** Every endpoint with its rates, errors and latency, greyed where nobody called it; and what can be done about one. */
import { memo, useState } from "react";
import type { Endpoint } from "../../api/model";
import { useMay } from "../../api/roles";
import { apdex, bytes, count, duration, exact, rate } from "../../format/numbers";
import { ago, fullTime } from "../../format/time";
import { DataTable } from "../../table/DataTable";
import { EndpointCell } from "../../table/EndpointCell";
import { apdexWord, ErrorRate } from "../../ui/ErrorRate";
import { Empty } from "../../ui/notes";
import { location, navigate, useLocation, withParams } from "../../url/location";
import { paths, scopedPath } from "../../url/scope";
import { ThresholdDialog } from "../endpoint/ThresholdDialog";
import { endpointsCsv } from "./csv";
import { ENDPOINT_ORDER, neverCalled, SPECIAL_PATHS, searchText } from "./tableState";

interface Props {
  appId: string;
  rows: readonly Endpoint[];
  /** What requests a minute are divided by. */
  minutes: number;
  truncated: boolean;
}

/** Drawn again only when something of it changed: other answers of the page come at their own times. */
export const EndpointTable = memo(function EndpointTable({ appId, rows, minutes, truncated }: Props) {
  const hide = useLocation().params.get("hide") === "uncalled";
  const mayEdit = useMay("editor", appId);
  const [judged, setJudged] = useState<Endpoint | null>(null);
  const of = (row: Endpoint, page: (appId: string) => string, own = {}) =>
    scopedPath(location(), page(appId), { method: row.method, path: row.path, ...own });
  const cells = {
    path: (row: Endpoint) => <Name row={row} to={of(row, paths.endpoint)} />,
    requests: { show: (row: Endpoint) => count(row.requests), title: (row: Endpoint) => exact(row.requests) },
    rate: (row: Endpoint) => rate(row.requests / minutes),
    errors: (row: Endpoint) => <ErrorRate of={row} />,
    invalid: (row: Endpoint) => (row.validation_errors > 0 ? count(row.validation_errors) : "–"),
    p50: (row: Endpoint) => duration(row.p50_ms),
    p75: (row: Endpoint) => duration(row.p75_ms),
    p95: (row: Endpoint) => duration(row.p95_ms),
    p99: (row: Endpoint) => duration(row.p99_ms),
    max: (row: Endpoint) => duration(row.max_ms),
    apdex: { show: (row: Endpoint) => apdex(row.apdex), title: apdexTitle },
    bytes: {
      show: (row: Endpoint) => bytes(row.request_bytes + row.response_bytes),
      title: (row: Endpoint) => `In ${bytes(row.request_bytes)}, out ${bytes(row.response_bytes)}`,
    },
    seen: {
      show: (row: Endpoint) => (row.last_seen_at === null ? "never" : ago(row.last_seen_at, Date.now() / 1000)),
      title: (row: Endpoint) => fullTime(row.last_seen_at),
    },
  };
  const menuOf = (row: Endpoint) => ({
    title: `What to do about ${row.method} ${row.path}`,
    items: [
      { label: "Request logs", run: () => navigate(of(row, paths.logs)) },
      { label: "Errors", run: () => navigate(of(row, paths.errors)) },
      { label: "Validation errors", run: () => navigate(of(row, paths.validation)) },
      ...(mayEdit && !SPECIAL_PATHS[row.path] ? [{ label: "Apdex threshold…", run: () => setJudged(row) }] : []),
    ],
  });
  return (
    <>
      <DataTable
        name="endpoints"
        title="Endpoints"
        order={ENDPOINT_ORDER}
        rows={hide ? rows.filter(row => row.requests > 0) : rows}
        keyOf={row => `${row.method} ${row.path}`}
        cells={cells}
        linkOf={row => of(row, paths.endpoint)}
        menuOf={menuOf}
        isQuiet={row => row.requests === 0}
        search={{ placeholder: "Search method or path", label: "Search endpoints", text: searchText }}
        csv={endpointsCsv}
        tools={<HideUncalled hide={hide} />}
        empty={
          <Empty title="No routes are known yet">
            They are told of when the app starts, or learned as they are called.
          </Empty>
        }
        nothingFits="No endpoint fits"
        truncated={
          truncated
            ? `There are more endpoints than this table holds; these are the first ${exact(rows.length)}.`
            : null
        }
      />
      {judged && <ThresholdDialog appId={appId} endpoint={judged} onClose={() => setJudged(null)} />}
    </>
  );
});

const apdexTitle = (row: Endpoint) =>
  row.apdex === null ? undefined : `${apdexWord(row.apdex)}, for a threshold of ${duration(row.apdex_threshold_ms)}`;

function Name({ row, to }: { row: Endpoint; to: string }) {
  const special = SPECIAL_PATHS[row.path];
  return (
    <EndpointCell of={row} to={to} title={special ?? row.path}>
      {special && (
        <span className="help" title={special}>
          ?<span className="visually-hidden">{special}</span>
        </span>
      )}
      {neverCalled(row) && <span className="tag">never called</span>}
    </EndpointCell>
  );
}

function HideUncalled({ hide }: { hide: boolean }) {
  return (
    <label className="check" title="Hide routes without requests in this range">
      <input
        type="checkbox"
        checked={hide}
        onChange={event => navigate(withParams({ hide: event.target.checked ? "uncalled" : null }), "replace")}
      />
      Hide never called
    </label>
  );
}
