/** One row per consumer. Names come from the monitored app: they are only ever text. */
import { useRef, useState } from "react";
import type { Consumer } from "../../api/model";
import { saveAs } from "../../format/csv";
import { duration, exact } from "../../format/numbers";
import { ago, dateTime, fullTime } from "../../format/time";
import { SearchField } from "../../table/SearchField";
import { SortHead } from "../../table/SortHead";
import { useRowKeys } from "../../table/useRowKeys";
import { CountBar } from "../../ui/CountBar";
import { ErrorRate } from "../../ui/ErrorRate";
import { DownloadIcon } from "../../ui/icons";
import { Link } from "../../ui/Link";
import { Empty } from "../../ui/notes";
import { navigate, useLocation, withParams } from "../../url/location";
import type { Scope } from "../../url/useScope";
import { CONSUMER_ORDER, consumersCsv, matches, nameOf } from "./consumerState";
import "./consumers.css";
import { GroupsTable } from "./GroupsTable";

/** Rows drawn at once; more on demand. */
const ROWS_SHOWN = 200;

interface Props {
  scope: Scope;
  rows: readonly Consumer[];
  truncated: boolean;
}

export function ConsumersTable({ scope, rows, truncated }: Props) {
  const here = useLocation();
  const [limit, setLimit] = useState(ROWS_SHOWN);
  const sort = CONSUMER_ORDER.parse(here.params);
  const search = here.params.get("q") ?? "";
  const found = CONSUMER_ORDER.sort(
    rows.filter(row => matches(row, search)),
    sort,
  );
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  const top = Math.max(1, ...found.map(row => row.requests));
  const grouped = here.params.get("by") === "group";
  const openOf = (row: Consumer) => (row.identifier === null ? null : withParams({ open: row.consumer_id }));
  if (rows.length === 0)
    return (
      <section className="panel">
        <Empty title="No request in this range has a consumer">
          Requests get one when the app calls <code>sendry_sdk::set_consumer(…)</code>, best where it authenticates
          them: then every page can answer “for whom”.
        </Empty>
      </section>
    );
  return (
    <section className="panel consumers" aria-label="Consumers">
      <div className="panel-head">
        <h2>
          Consumers{" "}
          <span className="muted num">
            {found.length === rows.length ? exact(rows.length) : `${exact(found.length)} of ${exact(rows.length)}`}
          </span>
        </h2>
        <div className="table-tools">
          <fieldset className="segmented" aria-label="Rows">
            <button type="button" aria-pressed={!grouped} onClick={() => navigate(withParams({ by: null }), "replace")}>
              Consumers
            </button>
            <button
              type="button"
              aria-pressed={grouped}
              onClick={() => navigate(withParams({ by: "group" }), "replace")}
            >
              Groups
            </button>
          </fieldset>
          <SearchField placeholder="Search name or group" label="Search consumers" />
          <button
            type="button"
            className="button"
            onClick={() => saveAs("consumers.csv", consumersCsv(found))}
            title="Save this table as CSV"
          >
            <DownloadIcon /> CSV
          </button>
        </div>
      </div>
      {grouped ? (
        <GroupsTable scope={scope} />
      ) : (
        <div className="table-scroll">
          <table className="table">
            <SortHead order={CONSUMER_ORDER} sort={sort} />
            <tbody ref={body}>
              {found.slice(0, limit).map(row => (
                <ConsumerRow key={row.consumer_id} row={row} top={top} to={openOf(row)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.length === 0 && <Empty title="No consumer fits">Esc clears the search.</Empty>}
      {!grouped && found.length > limit && (
        <button type="button" className="button table-more" onClick={() => setLimit(limit + ROWS_SHOWN)}>
          Show {exact(Math.min(ROWS_SHOWN, found.length - limit))} more
        </button>
      )}
      {truncated && <p className="muted table-note">There are more; these are the most frequent.</p>}
    </section>
  );
}

/** `to` is null where the consumer cannot be asked for any more. */
function ConsumerRow({ row, top, to }: { row: Consumer; top: number; to: string | null }) {
  return (
    <tr className={to === null ? undefined : "row-link"} onClick={() => to !== null && navigate(to)}>
      <td className="col-name text">
        {to === null ? (
          <span className="muted">{nameOf(row)}</span>
        ) : (
          <Link
            to={to}
            className="endpoint-link"
            title={`${nameOf(row)}: what they call, and what fails for them`}
            onClick={event => event.stopPropagation()}
          >
            {nameOf(row)}
          </Link>
        )}
        {row.name !== null && <span className="mono muted">{row.identifier}</span>}
      </td>
      <td className="col-group text">{row.group !== null && <span className="tag">{row.group}</span>}</td>
      <td className="col-errors">
        <ErrorRate of={row} />
      </td>
      <td className="col-p95">{duration(row.p95_ms)}</td>
      <td className="col-first" title={fullTime(row.first_seen_at)}>
        {dateTime(row.first_seen_at)}
      </td>
      <td className="col-last" title={fullTime(row.last_seen_at)}>
        {ago(row.last_seen_at, Date.now() / 1000)}
      </td>
      <td className="col-requests">
        <CountBar count={row.requests} top={top} tone="requests" />
      </td>
    </tr>
  );
}
