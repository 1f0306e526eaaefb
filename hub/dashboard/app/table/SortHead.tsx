/** The head of a table whose columns sort. */
import { navigate, withParams } from "../url/location";
import type { Order, Sort } from "./sorting";

export function SortHead<Row>({ order, sort }: { order: Order<Row>; sort: Sort<Row> }) {
  return (
    <thead>
      <tr>
        {order.columns.map(column => {
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
      </tr>
    </thead>
  );
}
