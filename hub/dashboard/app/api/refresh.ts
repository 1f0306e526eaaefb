/**
 * The auto-refresh: one tick for the whole page, off, every 10 s or every minute, at rest while the tab is hidden and at once
 * when it is shown again. The choice is the reader's and stays in this browser.
 */
import { useSyncExternalStore } from "react";
import { readPreference, writePreference } from "../ui/preferences";

export const REFRESH_CHOICES = [
  { name: "off", label: "Off", secs: 0 },
  { name: "10s", label: "10 s", secs: 10 },
  { name: "1m", label: "1 min", secs: 60 },
] as const;
export type RefreshName = (typeof REFRESH_CHOICES)[number]["name"];

const KEY = "sendry.refresh";
let chosen = REFRESH_CHOICES.find(one => one.name === readPreference(KEY)) ?? REFRESH_CHOICES[1];
let tick = 0;
let tickedAt = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;
const listeners = new Set<() => void>();

function notify(): void {
  for (const listener of listeners) listener();
}

/** Asks every question on screen again. */
export function refreshNow(): void {
  tick += 1;
  tickedAt = Date.now();
  notify();
}

function restart(): void {
  if (timer !== null) clearInterval(timer);
  timer = null;
  if (chosen.secs === 0 || document.hidden || listeners.size === 0) return;
  if (Date.now() - tickedAt >= chosen.secs * 1000) refreshNow();
  timer = setInterval(refreshNow, chosen.secs * 1000);
}

export function chooseRefresh(name: RefreshName): void {
  chosen = REFRESH_CHOICES.find(one => one.name === name) ?? chosen;
  writePreference(KEY, name);
  restart();
  notify();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) {
    tickedAt = Date.now();
    document.addEventListener("visibilitychange", restart);
    restart();
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    document.removeEventListener("visibilitychange", restart);
    restart();
  };
}

export const useRefreshTick = () => useSyncExternalStore(subscribe, () => tick);
export const useRefreshChoice = () => useSyncExternalStore(subscribe, () => chosen.name);
