/** The head of a table whose columns sort. */
import { navigate, withParams } from "../url/location";
import type { Column, Order, Sort } from "./sorting";

interface Props<Row> {
  order: Order<Row>;
  columns: readonly Column<Row>[];
  sort: Sort<Row>;
  /** Whether the rows end in what can be done about them. */
  actions: boolean;
}

export function SortHead<Row>({ order, columns, sort, actions }: Props<Row>) {
  return (
    <thead>
      <tr>
        {columns.map(column => {
          const sorted = sort.column.key === column.key;
          const ascending = sort.direction === "asc";
          return (
            <th
              key={column.key}
              className={`col-${column.key}${column.text ? " text" : ""}`}
              aria-sort={sorted ? (ascending ? "ascending" : "descending") : undefined}
            >
              <button
                type="button"
                title={column.hint}
                onClick={() => navigate(withParams(order.click(sort, column)), "replace")}
              >
                {column.label}
                <i aria-hidden="true">{sorted ? (ascending ? "↑" : "↓") : ""}</i>
              </button>
            </th>
          );
        })}
        {actions && (
          <th className="col-menu">
            <span className="visually-hidden">Actions</span>
          </th>
        )}
      </tr>
    </thead>
  );
}
