/** A few things that can be done about one row, behind a small button. */
import { MoreIcon } from "./icons";
import { Popover } from "./Popover";

export interface MenuItem {
  label: string;
  run: () => void;
  danger?: boolean;
  disabled?: boolean;
}

export function Menu({ title, items }: { title: string; items: readonly MenuItem[] }) {
  return (
    <Popover title={title} label={<MoreIcon />} className="row-menu">
      {close => <MenuList items={items} close={close} />}
    </Popover>
  );
}

/** The entries of a menu: each closes it and does what it says. */
export function MenuList({ items, close }: { items: readonly MenuItem[]; close: () => void }) {
  return (
    <ul className="menu">
      {items.map(({ label, run, danger, disabled }) => (
        <li key={label}>
          <button
            type="button"
            className={danger ? "menu-danger" : undefined}
            disabled={disabled}
            onClick={() => {
              close();
              run();
            }}
          >
            {label}
          </button>
        </li>
      ))}
    </ul>
  );
}
