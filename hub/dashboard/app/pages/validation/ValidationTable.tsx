/** One row per endpoint, field and message. Texts of the monitored app are only ever text. */
import type { ValidationError } from "../../api/model";
import { exact } from "../../format/numbers";
import { ago, dateTime, fullTime } from "../../format/time";
import { DataTable } from "../../table/DataTable";
import { EndpointCell } from "../../table/EndpointCell";
import { RowLink } from "../../table/RowLink";
import { CountBar } from "../../ui/CountBar";
import { Empty } from "../../ui/notes";
import { StatusFilter } from "../../ui/StatusFilter";
import { filtersOf } from "../../url/filters";
import { useLocation, withParams } from "../../url/location";
import type { Scope } from "../../url/useScope";
import { FieldName } from "./FieldName";
import { ConsumerFilter, EndpointFilter } from "./filters";
import "./validation.css";
import { endpointsIn, filterOf, groupId, isOf, searchText, VALIDATION_ORDER, validationCsv } from "./validationState";

/** What frameworks answer when a request is not valid. */
const REFUSALS = ["400", "422"] as const;

interface Props {
  appId: string;
  scope: Scope;
  rows: readonly ValidationError[];
  truncated: boolean;
}

export function ValidationTable({ appId, scope, rows, truncated }: Props) {
  const { params } = useLocation();
  const filter = filterOf(params);
  const found = rows.filter(row => isOf(row, filter));
  const top = Math.max(1, ...found.map(row => row.count));
  const linkOf = (row: ValidationError) => withParams({ open: groupId(row) });
  const cells = {
    field: (row: ValidationError) => (
      <>
        <RowLink to={linkOf(row)}>
          <FieldName row={row} />
        </RowLink>
        <EndpointCell of={row} />
      </>
    ),
    message: {
      show: (row: ValidationError) => (
        <>
          {row.message} {row.code !== "" && <span className="tag mono">{row.code}</span>}
        </>
      ),
      title: (row: ValidationError) => row.message,
    },
    status: (row: ValidationError) => row.status,
    consumers: (row: ValidationError) => (row.consumers > 0 ? exact(row.consumers) : "–"),
    version: {
      show: (row: ValidationError) => <span className="mono">{row.first_version ?? "–"}</span>,
      title: (row: ValidationError) => (row.last_version === null ? undefined : `Seen last with ${row.last_version}`),
    },
    first: {
      show: (row: ValidationError) => dateTime(row.first_seen_at),
      title: (row: ValidationError) => fullTime(row.first_seen_at),
    },
    last: {
      show: (row: ValidationError) => ago(row.last_seen_at, Date.now() / 1000),
      title: (row: ValidationError) => fullTime(row.last_seen_at),
    },
    count: (row: ValidationError) => <CountBar count={row.count} top={top} />,
  };
  return (
    <DataTable
      name="validation"
      title="Invalid fields"
      order={VALIDATION_ORDER}
      rows={found}
      keyOf={groupId}
      cells={cells}
      linkOf={linkOf}
      search={{ placeholder: "Search field or message", label: "Search validation errors", text: searchText }}
      csv={validationCsv}
      tools={
        <>
          <EndpointFilter endpoints={endpointsIn(rows)} chosen={filter} />
          <ConsumerFilter appId={appId} scope={scope} />
          <StatusFilter choices={REFUSALS} />
        </>
      }
      empty={<Nothing filtered={Object.keys(filtersOf(params)).length > 0} />}
      nothingFits="No validation error fits"
      truncated={truncated ? "There are more than this table holds; these are the most frequent." : null}
    />
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  if (filtered) return <Empty title="No validation error fits the filters">Take one away to see others.</Empty>;
  return (
    <Empty title="No request failed validation in this range">
      Nothing needs to be set up: what an extractor such as <code>Json</code>, <code>Query</code> or <code>Path</code>{" "}
      refuses shows up here by itself, with the field and the reason, never with the value.
    </Empty>
  );
}
