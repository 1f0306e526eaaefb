/** The palette: everything one can go to or do, found by typing. Opens with ⌘K or Ctrl-K anywhere, closes with Esc. */
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { SearchIcon } from "../ui/icons";
import { useModal } from "../ui/useModal";
import type { Entry } from "./entries";
import { openSheet } from "./opened";
import "./palette.css";
import { rank } from "./rank";
import { useEntries } from "./useEntries";

/** More than fit on any screen: who looks for others types a further letter. */
const SHOWN_MAX = 60;

const MOVES: Record<string, (at: number, last: number) => number> = {
  ArrowDown: (at, last) => (at >= last ? 0 : at + 1),
  ArrowUp: (at, last) => (at <= 0 ? last : at - 1),
  PageDown: (at, last) => Math.min(last, at + 8),
  PageUp: at => Math.max(0, at - 8),
};

export default function Palette() {
  const dialog = useModal(() => openSheet(null));
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const entries = useEntries();
  const found = useMemo(() => rank(entries, typed, SHOWN_MAX), [entries, typed]);
  const id = useId();
  const index = Math.min(at, found.length - 1);
  const active = found[index];

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever became active is brought into sight
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const run = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    openSheet(null);
    entry.run();
  };
  const press = (event: React.KeyboardEvent) => {
    const move = MOVES[event.key];
    if (move === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (move) setAt(move(index, found.length - 1));
    else run(active);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc does what a click beside the palette does
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Go to or do"
      onClick={event => event.target === dialog.current && openSheet(null)}
    >
      <div className="palette-field">
        <SearchIcon />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={active && `${id}-${index}`}
          aria-autocomplete="list"
          aria-label="Search pages, endpoints, consumers and actions"
          placeholder="Go to a page, an endpoint, a consumer … or do something"
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={event => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
        <kbd>Esc</kbd>
      </div>
      <div className="palette-list" role="listbox" aria-label="What fits" id={`${id}-list`} ref={list}>
        {found.map((entry, place) => (
          <Row
            key={entry.id}
            id={`${id}-${place}`}
            entry={entry}
            leads={found[place - 1]?.group !== entry.group}
            active={entry === active}
            onPoint={() => setAt(place)}
            onRun={() => run(entry)}
          />
        ))}
      </div>
      {found.length === 0 && <p className="palette-none muted">Nothing fits “{typed}”.</p>}
    </dialog>
  );
}

interface RowProps {
  id: string;
  entry: Entry;
  /** Whether it is the first of its group. */
  leads: boolean;
  active: boolean;
  onPoint: () => void;
  onRun: () => void;
}

function Row({ id, entry, leads, active, onPoint, onRun }: RowProps) {
  return (
    <>
      {leads && (
        <div className="palette-group" role="presentation">
          {entry.group}
        </div>
      )}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the field above keeps the focus */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above hears the keys */}
      <div
        id={id}
        className="palette-row"
        role="option"
        aria-selected={active}
        onPointerMove={active ? undefined : onPoint}
        onClick={onRun}
      >
        <span className={entry.code ? "mono" : undefined}>{entry.label}</span>
        {entry.note && <span className="muted">{entry.note}</span>}
        {entry.key && <kbd>{entry.key}</kbd>}
      </div>
    </>
  );
}
