/** What was dropped, folded, cut or expired, and what that means for the numbers. */
import type { Loss } from "../../api/model";
import { csvOf } from "../../format/csv";
import { exact } from "../../format/numbers";
import { dateTime, fullTime } from "../../format/time";
import { DataTable } from "../../table/DataTable";
import { type Column, orderBy } from "../../table/sorting";
import { Empty } from "../../ui/notes";
import { lossText } from "./lossTexts";

const COLUMNS = [
  {
    key: "reason",
    label: "What was lost, and what it means",
    text: true,
    value: row => `${lossText(row.reason).title} ${row.detail}`,
    first: "asc",
  },
  { key: "count", label: "Count", value: row => row.count, first: "desc" },
  { key: "first", label: "First", value: row => row.first_seen_at, first: "desc" },
  { key: "last", label: "Last", value: row => row.last_seen_at, first: "desc" },
] as const satisfies readonly Column<Loss>[];

const ORDER = orderBy<Loss>(COLUMNS, COLUMNS[1], row => `${row.reason} ${row.detail}`, "loss-");

const lossesCsv = csvOf<Loss>("reason", "detail", "count", "first_seen_at", "last_seen_at");

export function LossesTable({ losses }: { losses: readonly Loss[] }) {
  const cells = {
    reason: (row: Loss) => {
      const { title, meaning } = lossText(row.reason);
      return (
        <>
          <b>{title}</b>
          {row.detail !== "" && <code>{row.detail}</code>}
          <p className="muted">{meaning}</p>
        </>
      );
    },
    count: (row: Loss) => exact(row.count),
    first: { show: (row: Loss) => dateTime(row.first_seen_at), title: (row: Loss) => fullTime(row.first_seen_at) },
    last: { show: (row: Loss) => dateTime(row.last_seen_at), title: (row: Loss) => fullTime(row.last_seen_at) },
  };
  return (
    <DataTable
      name="losses"
      title="What is missing"
      order={ORDER}
      rows={losses}
      keyOf={row => `${row.reason} ${row.detail}`}
      cells={cells}
      csv={lossesCsv}
      empty={<Empty title="Nothing is missing">No loss was counted in this range: the numbers are complete.</Empty>}
      nothingFits="No loss fits"
    />
  );
}
