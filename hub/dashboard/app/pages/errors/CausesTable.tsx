/** Server errors and panics, grouped by cause. Texts of the monitored app are only ever text. */
import type { ServerError } from "../../api/model";
import { exact } from "../../format/numbers";
import { ago, dateTime, fullTime } from "../../format/time";
import { DataTable } from "../../table/DataTable";
import { EndpointCell } from "../../table/EndpointCell";
import { CountBar } from "../../ui/CountBar";
import { Link } from "../../ui/Link";
import { Empty } from "../../ui/notes";
import { withParams } from "../../url/location";
import { CAUSE_ORDER, causeId, causesCsv, versionsOf } from "./errorState";

export function CausesTable({ rows, truncated }: { rows: readonly ServerError[]; truncated: boolean }) {
  const top = Math.max(1, ...rows.map(row => row.count));
  const linkOf = (row: ServerError) => withParams({ open: causeId(row) });
  const cells = {
    cause: (row: ServerError) => (
      <>
        <Link to={linkOf(row)} className="endpoint-link cause-type mono" onClick={event => event.stopPropagation()}>
          {row.type}
        </Link>
        <span className="cause-message">{row.message}</span>
        {row.location !== null && <span className="mono muted">{row.location}</span>}
      </>
    ),
    endpoint: (row: ServerError) => <EndpointCell of={row} />,
    consumers: (row: ServerError) => (row.consumers > 0 ? exact(row.consumers) : "–"),
    version: (row: ServerError) => <span className="mono">{versionsOf(row)}</span>,
    first: {
      show: (row: ServerError) => dateTime(row.first_seen_at),
      title: (row: ServerError) => fullTime(row.first_seen_at),
    },
    last: {
      show: (row: ServerError) => ago(row.last_seen_at, Date.now() / 1000),
      title: (row: ServerError) => fullTime(row.last_seen_at),
    },
    count: (row: ServerError) => <CountBar count={row.count} top={top} tone="server" />,
  };
  return (
    <DataTable
      name="causes"
      title="Server errors and panics"
      order={CAUSE_ORDER}
      rows={rows}
      keyOf={causeId}
      cells={cells}
      linkOf={linkOf}
      search={{
        placeholder: "Search type or message",
        label: "Search causes",
        text: row => `${row.type} ${row.message} ${row.location ?? ""} ${row.method} ${row.path}`,
      }}
      csv={causesCsv}
      empty={
        <Empty title="No cause of a server error is known in this range">
          Panics are found by themselves. Errors that handlers turn into a 5xx show up here after{" "}
          <code>sendry_sdk::report_error(…)</code>.
        </Empty>
      }
      nothingFits="No cause fits"
      truncated={truncated ? "There are more; these are the most frequent." : null}
    />
  );
}
