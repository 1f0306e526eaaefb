/** A few things that can be done about one row, behind a small button. */
import { MoreIcon } from "./icons";
import { Popover } from "./Popover";

export interface MenuItem {
  label: string;
  run: () => void;
  danger?: boolean;
}

export function Menu({ title, items }: { title: string; items: readonly MenuItem[] }) {
  return (
    <Popover title={title} label={<MoreIcon />} className="row-menu" floating>
      {close => (
        <ul className="menu">
          {items.map(({ label, run, danger }) => (
            <li key={label}>
              <button
                type="button"
                className={danger ? "menu-danger" : undefined}
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
      )}
    </Popover>
  );
}
