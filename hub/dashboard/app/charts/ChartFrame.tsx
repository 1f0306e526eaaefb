/**
 * The frame of every chart: its name, and the same numbers as a table, for those who do not see the picture and for those who
 * want to read or save them. The chart stays where it is while the table is shown.
 */
import { type ReactNode, type RefObject, useState } from "react";
import { type CsvCell, saveAs, toCsv } from "../format/csv";
import { ChartIcon, DownloadIcon, TableIcon } from "../ui/icons";
import "./charts.css";

export interface ChartTable {
  head: readonly string[];
  rows: readonly {
    key: string | number;
    /** As people read them. */
    cells: readonly string[];
    /** As programs do. */
    values: readonly CsvCell[];
  }[];
}

interface Props {
  /** What is drawn. */
  label: string;
  className?: string;
  frame?: RefObject<HTMLElement | null>;
  /** Made when somebody asks for it. */
  table: () => ChartTable;
  /** Above the chart, such as its legend. */
  above?: ReactNode;
  children: ReactNode;
}

export function ChartFrame({ label, className = "", frame, table, above, children }: Props) {
  const [isTable, setTable] = useState(false);
  return (
    <figure className={`chart ${className}`} aria-label={label} ref={frame}>
      <div className="chart-tools">
        {isTable && <SaveButton label={label} table={table} />}
        <button
          type="button"
          className="button button-quiet"
          aria-label={isTable ? `Show as a chart: ${label}` : `Show as a table: ${label}`}
          title={isTable ? "Show as a chart" : "Show as a table"}
          onClick={() => setTable(!isTable)}
        >
          {isTable ? <ChartIcon /> : <TableIcon />}
        </button>
      </div>
      {above}
      {isTable && <Numbers label={label} table={table()} />}
      <div hidden={isTable}>{children}</div>
    </figure>
  );
}

/** `Requests by status class` → `requests-by-status-class.csv`. */
export const fileName = (label: string) => `${label.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.csv`;

function SaveButton({ label, table }: { label: string; table: () => ChartTable }) {
  const save = () => {
    const { head, rows } = table();
    const values = rows.map(row => row.values);
    saveAs(fileName(label), toCsv(head, values));
  };
  return (
    <button
      type="button"
      className="button button-quiet"
      aria-label={`Save as CSV: ${label}`}
      title="Save as CSV"
      onClick={save}
    >
      <DownloadIcon />
    </button>
  );
}

function Numbers({ label, table: { head, rows } }: { label: string; table: ChartTable }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table is scrolled with the keyboard
    <section className="chart-numbers" tabIndex={0} aria-label={`${label}, as a table`}>
      <table className="table">
        <thead>
          <tr>
            {head.map(name => (
              <th key={name}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, place) => (
                <td key={head[place]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="muted">Nothing was measured in this range.</p>}
    </section>
  );
}
