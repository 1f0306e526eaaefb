/** The endpoint table with its search, filters, sort and CSV. */
import { useRef, useState } from "react";
import type { Endpoint } from "../../api/model";
import { saveAs } from "../../format/csv";
import { exact } from "../../format/numbers";
import { SearchField } from "../../table/SearchField";
import { SortHead } from "../../table/SortHead";
import { useRowKeys } from "../../table/useRowKeys";
import { DownloadIcon } from "../../ui/icons";
import { Empty } from "../../ui/notes";
import { navigate, useLocation, withParams } from "../../url/location";
import { endpointsCsv } from "./csv";
import { EndpointRow } from "./EndpointRow";
import { ENDPOINT_ORDER, matches } from "./tableState";

/** Rows drawn at once; more on demand, so that a thousand routes do not slow the page. */
const ROWS_SHOWN = 200;

interface Props {
  rows: readonly Endpoint[];
  /** What requests a minute are divided by. */
  minutes: number;
  truncated: boolean;
}

export function EndpointTable({ rows, minutes, truncated }: Props) {
  const { params } = useLocation();
  const [limit, setLimit] = useState(ROWS_SHOWN);
  const search = params.get("q") ?? "";
  const hide = params.get("hide") === "uncalled";
  const sort = ENDPOINT_ORDER.parse(params);
  const found = ENDPOINT_ORDER.sort(
    rows.filter(row => matches(row, search) && !(hide && row.requests === 0)),
    sort,
  );
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <section className="panel endpoints" aria-label="Endpoints">
      <div className="panel-head">
        <h2>
          Endpoints{" "}
          <span className="muted num" data-testid="endpoint-count">
            {found.length === rows.length ? exact(rows.length) : `${exact(found.length)} of ${exact(rows.length)}`}
          </span>
        </h2>
        <div className="table-tools">
          <SearchField placeholder="Search method or path" label="Search endpoints" />
          <label className="check" title="Hide routes without requests in this range">
            <input
              type="checkbox"
              checked={hide}
              onChange={event => navigate(withParams({ hide: event.target.checked ? "uncalled" : null }), "replace")}
            />
            Hide never called
          </label>
          <button
            type="button"
            className="button"
            onClick={() => saveAs("endpoints.csv", endpointsCsv(found))}
            title="Save this table as CSV"
          >
            <DownloadIcon /> CSV
          </button>
        </div>
      </div>
      <div className="table-scroll">
        <table className="table">
          <SortHead order={ENDPOINT_ORDER} sort={sort} />
          <tbody ref={body}>
            {found.slice(0, limit).map(row => (
              <EndpointRow key={`${row.method} ${row.path}`} row={row} minutes={minutes} />
            ))}
          </tbody>
        </table>
      </div>
      {found.length === 0 && (
        <Empty title="No endpoint fits">
          {search === "" ? "No routes are known yet." : "Try fewer letters: Esc clears the search."}
        </Empty>
      )}
      {found.length > limit && (
        <button type="button" className="button table-more" onClick={() => setLimit(limit + ROWS_SHOWN)}>
          Show {exact(Math.min(ROWS_SHOWN, found.length - limit))} more
        </button>
      )}
      {truncated && (
        <p className="muted table-note">
          There are more endpoints than this table holds; these are the first {exact(rows.length)}.
        </p>
      )}
    </section>
  );
}
