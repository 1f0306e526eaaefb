/** Opens the palette, and tells its key. */
import { PALETTE_KEY } from "../palette/keys";
import { openSheet } from "../palette/opened";
import { BookmarkIcon, SearchIcon } from "./icons";

export function PaletteButton() {
  return (
    <button type="button" className="button palette-button" onClick={() => openSheet("palette")} title="Go to or do">
      <SearchIcon /> <span>Go to…</span> <kbd>{PALETTE_KEY}</kbd>
    </button>
  );
}

/** Keeps what is on screen under a name. */
export function SaveView() {
  return (
    <button
      type="button"
      className="button button-icon"
      onClick={() => openSheet("save-view")}
      aria-label="Save this view"
      title="Save this view"
    >
      <BookmarkIcon />
    </button>
  );
}
