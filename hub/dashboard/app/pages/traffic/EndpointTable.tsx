/** The endpoint table with its search, filters, sort and CSV. */
import { useRef, useState } from "react";
import type { Endpoint } from "../../api/model";
import { saveAs } from "../../format/csv";
import { exact } from "../../format/numbers";
import { DownloadIcon, SearchIcon } from "../../ui/icons";
import { Empty } from "../../ui/notes";
import { useShortcuts } from "../../ui/useShortcuts";
import { navigate, useLocation, withParams } from "../../url/location";
import { endpointsCsv } from "./csv";
import { EndpointRow } from "./EndpointRow";
import { COLUMNS, matches, parseSort, sortParams, sortRows } from "./tableState";

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
  const sort = parseSort(params);
  const found = sortRows(
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
        <div className="endpoints-tools">
          <Search search={search} />
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
          <thead>
            <tr>
              {COLUMNS.map(column => (
                <th
                  key={column.key}
                  className={`col-${column.key}`}
                  aria-sort={
                    sort.column.key !== column.key ? undefined : sort.direction === "asc" ? "ascending" : "descending"
                  }
                >
                  <button
                    type="button"
                    title={"hint" in column ? column.hint : undefined}
                    onClick={() => navigate(withParams(sortParams(sort, column)), "replace")}
                  >
                    {column.label}
                    <i aria-hidden="true">
                      {sort.column.key === column.key ? (sort.direction === "asc" ? "↑" : "↓") : ""}
                    </i>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
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
        <button type="button" className="button endpoints-more" onClick={() => setLimit(limit + ROWS_SHOWN)}>
          Show {exact(Math.min(ROWS_SHOWN, found.length - limit))} more
        </button>
      )}
      {truncated && (
        <p className="muted endpoints-note">
          There are more endpoints than this table holds; these are the first {exact(rows.length)}.
        </p>
      )}
    </section>
  );
}

function Search({ search }: { search: string }) {
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({
    "/": event => {
      event.preventDefault();
      input.current?.focus();
    },
  });
  const type = (text: string) => navigate(withParams({ q: text }), "replace");
  return (
    <div className="search">
      <SearchIcon />
      <input
        ref={input}
        className="input"
        type="search"
        placeholder="Search method or path"
        aria-label="Search endpoints"
        value={search}
        onChange={event => type(event.target.value)}
        onKeyDown={event => {
          if (event.key !== "Escape") return;
          if (search === "") input.current?.blur();
          else type("");
        }}
      />
      <kbd>/</kbd>
    </div>
  );
}

/** `j` and `k` walk the rows; Enter follows the link that has the focus, as everywhere. */
function useRowKeys(body: React.RefObject<HTMLTableSectionElement | null>): void {
  const walk = (by: 1 | -1) => {
    const links = [...(body.current?.querySelectorAll<HTMLAnchorElement>("a.endpoint-link") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by));
    links[next]?.focus();
    links[next]?.scrollIntoView({ block: "nearest" });
  };
  useShortcuts({ j: () => walk(1), k: () => walk(-1) });
}
