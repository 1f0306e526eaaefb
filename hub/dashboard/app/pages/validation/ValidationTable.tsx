/** One row per endpoint, field and message. */
import { useRef, useState } from "react";
import type { ValidationError } from "../../api/model";
import { saveAs } from "../../format/csv";
import { exact } from "../../format/numbers";
import { SearchField } from "../../table/SearchField";
import { SortHead } from "../../table/SortHead";
import { useRowKeys } from "../../table/useRowKeys";
import { DownloadIcon } from "../../ui/icons";
import { Empty } from "../../ui/notes";
import { useLocation } from "../../url/location";
import type { Scope } from "../../url/useScope";
import { ConsumerFilter, EndpointFilter } from "./filters";
import { ValidationRow } from "./ValidationRow";
import "./validation.css";
import { endpointsIn, filterOf, fits, groupId, VALIDATION_ORDER, validationCsv } from "./validationState";

/** Rows drawn at once; more on demand. */
const ROWS_SHOWN = 200;

interface Props {
  appId: string;
  scope: Scope;
  rows: readonly ValidationError[];
  truncated: boolean;
}

export function ValidationTable({ appId, scope, rows, truncated }: Props) {
  const { params } = useLocation();
  const [limit, setLimit] = useState(ROWS_SHOWN);
  const sort = VALIDATION_ORDER.parse(params);
  const filter = filterOf(params);
  const found = VALIDATION_ORDER.sort(
    rows.filter(row => fits(row, filter)),
    sort,
  );
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  const top = Math.max(1, ...found.map(row => row.count));
  return (
    <section className="panel validation" aria-label="Validation errors">
      <div className="panel-head">
        <h2>
          Invalid fields{" "}
          <span className="muted num">
            {found.length === rows.length ? exact(rows.length) : `${exact(found.length)} of ${exact(rows.length)}`}
          </span>
        </h2>
        <div className="table-tools">
          <SearchField placeholder="Search field or message" label="Search validation errors" />
          <EndpointFilter endpoints={endpointsIn(rows)} chosen={filter} />
          <ConsumerFilter appId={appId} scope={scope} />
          <button
            type="button"
            className="button"
            onClick={() => saveAs("validation-errors.csv", validationCsv(found))}
            title="Save this table as CSV"
          >
            <DownloadIcon /> CSV
          </button>
        </div>
      </div>
      {found.length > 0 && (
        <div className="table-scroll">
          <table className="table">
            <SortHead order={VALIDATION_ORDER} sort={sort} />
            <tbody ref={body}>
              {found.slice(0, limit).map(row => (
                <ValidationRow key={groupId(row)} row={row} top={top} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length === 0 ? (
        <Empty title="No request failed validation in this range">
          Nothing needs to be set up: what an extractor such as <code>Json</code>, <code>Query</code> or{" "}
          <code>Path</code> refuses shows up here by itself, with the field and the reason, never with the value.
        </Empty>
      ) : (
        found.length === 0 && <Empty title="No validation error fits">Try fewer letters, or all endpoints.</Empty>
      )}
      {found.length > limit && (
        <button type="button" className="button table-more" onClick={() => setLimit(limit + ROWS_SHOWN)}>
          Show {exact(Math.min(ROWS_SHOWN, found.length - limit))} more
        </button>
      )}
      {truncated && (
        <p className="muted table-note">There are more than this table holds; these are the most frequent.</p>
      )}
    </section>
  );
}
