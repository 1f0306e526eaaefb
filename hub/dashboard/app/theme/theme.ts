/** Light or dark: the system's choice unless the reader made one. */
import { useSyncExternalStore } from "react";
import { readPreference, writePreference } from "../ui/preferences";

export type ThemeChoice = "system" | "light" | "dark";

const KEY = "sendry.theme";
const listeners = new Set<() => void>();
const system = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: dark)");
let choice: ThemeChoice = "system";

function notify(): void {
  for (const listener of listeners) listener();
}

function apply(): void {
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

/** Called once before the first paint. */
export function startTheme(): void {
  const kept = readPreference(KEY);
  choice = kept === "light" || kept === "dark" ? kept : "system";
  apply();
  system?.addEventListener("change", notify);
}

export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  writePreference(KEY, next === "system" ? null : next);
  apply();
  notify();
}

const isDark = () => (choice === "system" ? (system?.matches ?? false) : choice === "dark");

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useThemeChoice = () => useSyncExternalStore(subscribe, () => choice);
/** The theme that is on screen. */
export const useShownTheme = () => useSyncExternalStore(subscribe, () => (isDark() ? "dark" : "light"));

/** The colour that a CSS expression such as `var(--p95)` has now, for the canvas. */
export function resolveColor(css: string): string {
  const key = `${isDark()}|${css}`;
  const known = resolved.get(key);
  if (known !== undefined) return known;
  probe ??= document.head.appendChild(document.createElement("span"));
  probe.style.color = css;
  const color = getComputedStyle(probe).color;
  resolved.set(key, color);
  return color;
}
const resolved = new Map<string, string>();
/** Stays where it is, in the head, which has no layout: adding it to the page each time would have all of it laid out. */
let probe: HTMLElement | null = null;
