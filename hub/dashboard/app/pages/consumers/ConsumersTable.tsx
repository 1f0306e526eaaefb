/** One row per consumer, or per group of them. Names come from the monitored app: they are only ever text. */
import type { Consumer } from "../../api/model";
import { bytes, duration } from "../../format/numbers";
import { ago, dateTime, fullTime } from "../../format/time";
import { DataTable } from "../../table/DataTable";
import { RowLink } from "../../table/RowLink";
import { CountBar } from "../../ui/CountBar";
import { ErrorRate } from "../../ui/ErrorRate";
import { Empty } from "../../ui/notes";
import { navigate, useLocation, withParams } from "../../url/location";
import type { Scope } from "../../url/useScope";
import { CONSUMER_ORDER, consumersCsv, nameOf, searchText } from "./consumerState";
import "./consumers.css";
import { GroupsTable } from "./GroupsTable";

interface Props {
  scope: Scope;
  rows: readonly Consumer[];
  truncated: boolean;
}

export function ConsumersTable({ scope, rows, truncated }: Props) {
  const { params } = useLocation();
  if (params.get("by") === "group" && rows.length > 0)
    return <GroupsTable scope={scope} tools={<Grouping grouped />} />;
  const top = Math.max(1, ...rows.map(row => row.requests));
  // One that was forgotten cannot be asked for any more.
  const linkOf = (row: Consumer) => (row.identifier === null ? null : withParams({ open: row.consumer_id }));
  const cells = {
    name: (row: Consumer) => <Name row={row} to={linkOf(row)} />,
    group: (row: Consumer) => row.group !== null && <span className="tag">{row.group}</span>,
    errors: (row: Consumer) => <ErrorRate of={row} />,
    p50: (row: Consumer) => duration(row.p50_ms),
    p95: (row: Consumer) => duration(row.p95_ms),
    bytes: (row: Consumer) => bytes(row.response_bytes),
    first: {
      show: (row: Consumer) => dateTime(row.first_seen_at),
      title: (row: Consumer) => fullTime(row.first_seen_at),
    },
    last: {
      show: (row: Consumer) => ago(row.last_seen_at, Date.now() / 1000),
      title: (row: Consumer) => fullTime(row.last_seen_at),
    },
    requests: (row: Consumer) => <CountBar count={row.requests} top={top} tone="requests" />,
  };
  return (
    <DataTable
      name="consumers"
      title="Consumers"
      order={CONSUMER_ORDER}
      rows={rows}
      keyOf={row => row.consumer_id}
      cells={cells}
      linkOf={linkOf}
      search={{ placeholder: "Search name or group", label: "Search consumers", text: searchText }}
      csv={consumersCsv}
      tools={<Grouping grouped={false} />}
      empty={
        <Empty title="No request in this range has a consumer">
          Requests get one when the app calls <code>sendry_sdk::set_consumer(…)</code>, best where it authenticates
          them: then every page can answer “for whom”.
        </Empty>
      }
      nothingFits="No consumer fits"
      truncated={truncated ? "There are more; these are the most frequent." : null}
    />
  );
}

function Name({ row, to }: { row: Consumer; to: string | null }) {
  return (
    <span className="consumer-name">
      {to === null ? (
        <span className="muted">{nameOf(row)}</span>
      ) : (
        <RowLink to={to} title={`${nameOf(row)}: what they call, and what fails for them`}>
          {nameOf(row)}
        </RowLink>
      )}
      {row.name !== null && <span className="mono muted">{row.identifier}</span>}
    </span>
  );
}

function Grouping({ grouped }: { grouped: boolean }) {
  const show = (by: string | null) => navigate(withParams({ by }), "replace");
  return (
    <fieldset className="segmented" aria-label="Rows">
      <button type="button" aria-pressed={!grouped} onClick={() => show(null)}>
        Consumers
      </button>
      <button type="button" aria-pressed={grouped} onClick={() => show("group")}>
        Groups
      </button>
    </fieldset>
  );
}
