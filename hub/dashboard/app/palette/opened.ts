/** Which of the sheets over the page is open: the palette, the list of keys, the form that saves a view, or none. */
import { useSyncExternalStore } from "react";

export type Sheet = "palette" | "help" | "save-view";

let opened: Sheet | null = null;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function openSheet(sheet: Sheet | null): void {
  opened = sheet;
  for (const listener of listeners) listener();
}

export const useOpenedSheet = () => useSyncExternalStore(subscribe, () => opened);
