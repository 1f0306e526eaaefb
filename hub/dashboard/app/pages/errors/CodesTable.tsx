/** One row per status and endpoint. What is expected is counted apart, and shown to who asks for it. */
import type { ErrorCode } from "../../api/errorCodes";
import { exact, percent } from "../../format/numbers";
import { timeSpan } from "../../format/time";
import { DataTable } from "../../table/DataTable";
import { EndpointCell } from "../../table/EndpointCell";
import { CountBar } from "../../ui/CountBar";
import { ClientErrorMark, ServerErrorMark } from "../../ui/icons";
import { Empty } from "../../ui/notes";
import { location, navigate, useLocation, withParams } from "../../url/location";
import { paths, scopedPath } from "../../url/scope";
import "./errors.css";
import { CODE_ORDER, codeId, consumersText, lastSeenText } from "./errorState";
import type { Marking } from "./useMarking";

export const toneOf = (status: string) => (status >= "500" ? "server" : "client");

export function StatusCode({ status }: { status: string }) {
  return (
    <span className="mono status-code">
      {status >= "500" ? <ServerErrorMark /> : <ClientErrorMark />}
      {status}
    </span>
  );
}

interface Props {
  appId: string;
  rows: readonly ErrorCode[];
  truncated: boolean;
  marking: Marking;
}

export function CodesTable({ appId, rows, truncated, marking }: Props) {
  const { params } = useLocation();
  const expected = rows.filter(row => row.expectedId !== null).length;
  const isShown = params.get("expected") === "show";
  const found = isShown ? rows : rows.filter(row => row.expectedId === null);
  const top = Math.max(1, ...found.map(row => row.count));
  const linkOf = (row: ErrorCode) => withParams({ open: codeId(row) });
  const of = ({ method, path }: ErrorCode, page: (appId: string) => string, status: string | null) =>
    scopedPath(location(), page(appId), { method, path, status });
  const cells = {
    status: (row: ErrorCode) => <StatusCode status={row.status} />,
    endpoint: (row: ErrorCode) => (
      <EndpointCell of={row} to={linkOf(row)}>
        {row.expectedId !== null && <span className="tag">expected</span>}
      </EndpointCell>
    ),
    consumers: consumersText,
    last: {
      show: (row: ErrorCode) => lastSeenText(row, Date.now() / 1000),
      title: (row: ErrorCode) => timeSpan(row.last_seen_at, row.last_seen_at + row.last_seen_secs),
    },
    share: (row: ErrorCode) => percent(row.count, row.requests),
    count: (row: ErrorCode) => (
      <CountBar count={row.count} top={top} tone={row.expectedId === null ? toneOf(row.status) : "plain"} />
    ),
  };
  const menuOf = (row: ErrorCode) => {
    const action = marking.actionOf(row);
    return {
      title: `What to do about ${row.status} of ${row.method} ${row.path}`,
      items: [
        { label: "Its requests", run: () => navigate(of(row, paths.logs, row.status)) },
        { label: "The endpoint", run: () => navigate(of(row, paths.endpoint, null)) },
        ...(action ? [action] : []),
      ],
    };
  };
  if (rows.length === 0) return null;
  return (
    <DataTable
      name="codes"
      title="By status and endpoint"
      order={CODE_ORDER}
      rows={found}
      keyOf={codeId}
      cells={cells}
      linkOf={linkOf}
      menuOf={menuOf}
      isQuiet={row => row.expectedId !== null}
      search={{
        placeholder: "Search status or path",
        label: "Search errors",
        text: row => `${row.status} ${row.method} ${row.path}`,
      }}
      tools={expected > 0 && <ShowExpected count={expected} isShown={isShown} />}
      empty={<Empty title="Every error of this range is expected">None of them is counted as an error.</Empty>}
      nothingFits="No error fits"
      truncated={truncated ? "There are more; these are the most frequent." : null}
    />
  );
}

function ShowExpected({ count, isShown }: { count: number; isShown: boolean }) {
  return (
    <label className="check" title="Errors that were marked as expected are not counted as errors">
      <input
        type="checkbox"
        checked={isShown}
        onChange={event => navigate(withParams({ expected: event.target.checked ? "show" : null }), "replace")}
      />
      Show expected <span className="num">({exact(count)})</span>
    </label>
  );
}
