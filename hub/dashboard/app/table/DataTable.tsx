/**
 * The one table of the dashboard: search, sort, columns, CSV and keys, with all that the reader chose in the address. Pages say
 * what a row is and what its cells hold; texts of the monitored app are only ever text there.
 */
import { type ReactNode, useRef, useState } from "react";
import { saveAs, toCsv } from "../format/csv";
import { exact } from "../format/numbers";
import { DownloadIcon } from "../ui/icons";
import { Menu, type MenuItem } from "../ui/Menu";
import { Empty } from "../ui/notes";
import { navigate, useLocation } from "../url/location";
import { ColumnPicker } from "./ColumnPicker";
import { SearchField } from "./SearchField";
import { SortHead } from "./SortHead";
import { hasWords, type Order } from "./sorting";
import "./tools.css";
import { useRowKeys } from "./useRowKeys";

/** Rows drawn at once; more on demand, so that a thousand rows do not slow the page. */
const ROWS_SHOWN = 200;

export interface Cell<Row> {
  show: (row: Row) => ReactNode;
  title?: (row: Row) => string | undefined;
}

interface Props<Row> {
  /** Its style and its file are called so. */
  name: string;
  title: string;
  order: Order<Row>;
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** A cell for each column of the order, by its key. */
  cells: Record<string, Cell<Row> | ((row: Row) => ReactNode)>;
  /** Where a row leads; null for one that leads nowhere. */
  linkOf?: (row: Row) => string | null;
  menuOf?: (row: Row) => { title: string; items: readonly MenuItem[] };
  /** Whether a row stands back, such as an endpoint that nobody called. */
  isQuiet?: (row: Row) => boolean;
  search?: { placeholder: string; label: string; text: (row: Row) => string };
  /** The rows as a file; without it the columns' own values. */
  csv?: (rows: readonly Row[]) => string;
  /** More controls, between the search and the file. */
  tools?: ReactNode;
  /** What is said when there are no rows at all. */
  empty: ReactNode;
  nothingFits: string;
  /** Said below when the hub holds more rows than the table. */
  truncated?: string | null;
}

export function DataTable<Row>(props: Props<Row>) {
  const { name, title, order, rows, search, tools, empty, nothingFits, truncated } = props;
  const { params } = useLocation();
  const [limit, setLimit] = useState(ROWS_SHOWN);
  const sort = order.parse(params);
  const words = params.get(order.param("q")) ?? "";
  const found = order.sort(search ? rows.filter(row => hasWords(search.text(row), words)) : rows, sort);
  const more = found.length - limit;
  return (
    <section className={`panel data-table ${name}`} aria-label={title}>
      <div className="panel-head">
        <h2>
          {title}{" "}
          <span className="muted num row-count">
            {found.length === rows.length ? exact(rows.length) : `${exact(found.length)} of ${exact(rows.length)}`}
          </span>
        </h2>
        <div className="table-tools">
          {search && rows.length > 0 && (
            <SearchField placeholder={search.placeholder} label={search.label} param={order.param("q")} />
          )}
          {tools}
          {rows.length > 0 && (
            <>
              <ColumnPicker order={order} />
              <button
                type="button"
                className="button"
                onClick={() => saveAs(`${name}.csv`, (props.csv ?? valuesOf(order))(found))}
                title="Save this table as CSV"
              >
                <DownloadIcon /> CSV
              </button>
            </>
          )}
        </div>
      </div>
      {rows.length === 0 ? empty : <Rows {...props} found={found.slice(0, limit)} />}
      {rows.length > 0 && found.length === 0 && (
        <Empty title={nothingFits}>Try fewer letters: Esc clears the search.</Empty>
      )}
      {more > 0 && (
        <button type="button" className="button table-more" onClick={() => setLimit(limit + ROWS_SHOWN)}>
          Show {exact(Math.min(ROWS_SHOWN, more))} more
        </button>
      )}
      {truncated && <p className="muted table-note">{truncated}</p>}
    </section>
  );
}

/** What the columns sort by, as a file. */
const valuesOf =
  <Row,>({ columns }: Order<Row>) =>
  (rows: readonly Row[]) =>
    toCsv(
      columns.map(column => column.label),
      rows.map(row => columns.map(column => column.value(row))),
    );

function Rows<Row>({ order, cells, keyOf, linkOf, menuOf, isQuiet, found }: Props<Row> & { found: readonly Row[] }) {
  const { params } = useLocation();
  const shown = order.shown(params);
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  if (found.length === 0) return null;
  return (
    <div className="table-scroll">
      <table className="table">
        <SortHead order={order} columns={shown} sort={order.parse(params)} actions={menuOf !== undefined} />
        <tbody ref={body} data-rows>
          {found.map(row => {
            const to = linkOf?.(row) ?? null;
            const menu = menuOf?.(row);
            return (
              <tr
                key={keyOf(row)}
                className={to === null ? undefined : "row-link"}
                data-uncalled={isQuiet?.(row) || undefined}
                onClick={event => {
                  if (to === null) return;
                  // Whoever comes back from what it opens goes on from here.
                  event.currentTarget.querySelector<HTMLElement>("a.endpoint-link")?.focus({ preventScroll: true });
                  navigate(to);
                }}
              >
                {shown.map(column => {
                  const { show, title } = cellOf(cells[column.key]);
                  return (
                    <td
                      key={column.key}
                      className={`col-${column.key}${column.text ? " text" : ""}`}
                      title={title?.(row)}
                    >
                      {show(row)}
                    </td>
                  );
                })}
                {menu && (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: only keeps clicks on the menu from opening the row
                  <td className="col-menu" onClick={event => event.stopPropagation()}>
                    {menu.items.length > 0 && <Menu title={menu.title} items={menu.items} />}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** A cell that needs no title is only what it shows. */
function cellOf<Row>(cell: Cell<Row> | ((row: Row) => ReactNode) | undefined): Cell<Row> {
  return typeof cell === "function" ? { show: cell } : (cell ?? { show: () => null });
}
