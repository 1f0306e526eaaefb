/** Chooses the columns of a table. Those that differ from the usual ones are in the address, so that a link shows the same. */
import { ColumnsIcon } from "../ui/icons";
import { Popover } from "../ui/Popover";
import { navigate, useLocation, withParams } from "../url/location";
import type { Order } from "./sorting";

export function ColumnPicker<Row>({ order }: { order: Order<Row> }) {
  const { params } = useLocation();
  const shown = new Set(order.shown(params).map(column => column.key));
  const choose = (key: string) => {
    const next = order.columns.filter(column => (column.key === key) !== shown.has(column.key));
    navigate(withParams(order.choose(next.map(column => column.key))), "replace");
  };
  return (
    <Popover label={<ColumnsIcon />} title="Columns" className="column-picker">
      {() => (
        <fieldset className="menu" aria-label="Columns">
          {order.choices.map(({ key, label, hint }) => (
            <label key={key} className="check" title={hint}>
              <input type="checkbox" checked={shown.has(key)} onChange={() => choose(key)} />
              {label}
            </label>
          ))}
        </fieldset>
      )}
    </Popover>
  );
}
