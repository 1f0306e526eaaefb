/** Whether the hub answered what it was asked last: one place knows, so that one place tells. */
import { useSyncExternalStore } from "react";

let gone = false;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function reached(answered: boolean): void {
  if (gone === !answered) return;
  gone = !answered;
  for (const listener of listeners) listener();
}

const isGone = () => gone;

export const useHubGone = () => useSyncExternalStore(subscribe, isGone, isGone);
