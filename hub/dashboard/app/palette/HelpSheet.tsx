/** The keys of the keyboard, on one sheet: `?` opens it anywhere. */
import { CloseIcon } from "../ui/icons";
import { useModal } from "../ui/useModal";
import { openSheet } from "./opened";
import "./palette.css";
import { PALETTE_KEY } from "./keys";

const KEYS: readonly { name: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    name: "Anywhere",
    keys: [
      [PALETTE_KEY, "Go to a page, an endpoint, a consumer, or do something"],
      ["?", "This list"],
      ["Esc", "Close what is open; from an endpoint back to traffic"],
    ],
  },
  {
    name: "In tables",
    keys: [
      ["/", "Search"],
      ["j  k", "Next and previous row"],
      ["Enter", "Open the row"],
    ],
  },
  {
    name: "In charts",
    keys: [
      ["← →", "Read the steps one by one, once the chart has the focus"],
      ["Drag", "Zoom into a span of time"],
      ["Double click", "Reset the zoom"],
      ["Tab", "From the chart to the same numbers as a table, and as a file"],
    ],
  },
];

export default function HelpSheet() {
  const dialog = useModal(() => openSheet(null));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc does what a click beside the sheet does
    <dialog
      ref={dialog}
      className="dialog help-sheet"
      aria-labelledby="help-sheet"
      onClick={event => event.target === dialog.current && openSheet(null)}
    >
      <header>
        <h2 id="help-sheet">Keys of the keyboard</h2>
        <button
          type="button"
          className="button button-icon button-quiet"
          aria-label="Close"
          onClick={() => openSheet(null)}
        >
          <CloseIcon />
        </button>
      </header>
      {KEYS.map(({ name, keys }) => (
        <section key={name}>
          <h3>{name}</h3>
          <dl>
            {keys.map(([key, what]) => (
              <div key={key}>
                <dt>
                  {key.split("  ").map(one => (
                    <kbd key={one}>{one}</kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </dialog>
  );
}
