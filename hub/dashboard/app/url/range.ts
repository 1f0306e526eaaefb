/**
 * The time range in the address: `range=24h` moves with the clock, `from` and `to` (unix seconds) stand still and win.
 * A zoom sets `from` and `to` and leaves `range`, so that resetting the zoom returns to where the reader came from.
 */

export interface Preset {
  name: string;
  label: string;
  secs: number;
}

export const PRESETS: readonly Preset[] = [
  { name: "1h", label: "Last hour", secs: 3600 },
  { name: "6h", label: "Last 6 hours", secs: 6 * 3600 },
  { name: "24h", label: "Last 24 hours", secs: 86_400 },
  { name: "7d", label: "Last 7 days", secs: 7 * 86_400 },
  { name: "32d", label: "Last 32 days", secs: 32 * 86_400 },
  { name: "90d", label: "Last 90 days", secs: 90 * 86_400 },
  { name: "13mo", label: "Last 13 months", secs: 396 * 86_400 },
];

const DEFAULT = PRESETS[2] as Preset;
/** The finest tier is a minute: a zoom below this would show nothing more. */
export const SHORTEST_SECS = 300;
/** The hub answers for no more at a time. */
export const LONGEST_DAYS = 400;
export const LONGEST_SECS = LONGEST_DAYS * 86_400;

export type TimeRange =
  | { kind: "moving"; preset: Preset }
  | { kind: "fixed"; from: number; to: number; preset: Preset };

export interface Window {
  from: number;
  to: number;
}

function wholeSeconds(value: string | null): number | null {
  return value !== null && /^\d{1,11}$/.test(value) ? Number(value) : null;
}

const momentsOf = (params: URLSearchParams) =>
  [wholeSeconds(params.get("from")), wholeSeconds(params.get("to"))] as const;

/** Why two moments cannot be asked for. */
export function problemOf(from: number | null, to: number | null): string | null {
  if (from === null || to === null || from >= to) return "“From” must be before “To”";
  return to - from > LONGEST_SECS ? `A range is at most ${LONGEST_DAYS} days long` : null;
}

/** Why the moments in the address are not those that are shown; null where they are, or where it has none. */
export function addressProblem(params: URLSearchParams): string | null {
  const isGiven = Boolean(params.get("from") || params.get("to"));
  return isGiven ? problemOf(...momentsOf(params)) : null;
}

export function parseRange(params: URLSearchParams): TimeRange {
  const preset = PRESETS.find(one => one.name === params.get("range")) ?? DEFAULT;
  const [from, to] = momentsOf(params);
  if (from === null || to === null || problemOf(from, to) !== null) return { kind: "moving", preset };
  return { kind: "fixed", from, to, preset };
}

/** The window to ask for. A moving range ends with the running minute, so that what was just reported is in it. */
export function windowOf(range: TimeRange, nowSecs: number): Window {
  if (range.kind === "fixed") return { from: range.from, to: range.to };
  const to = Math.ceil(nowSecs / 60) * 60;
  return { from: to - range.preset.secs, to };
}

/** The query parameters of a preset. */
export function presetParams(name: string): Record<string, string | null> {
  return { range: name, from: null, to: null };
}

/** What to look at when the address does not say: the shortest of hour, six hours and day that holds all there is. */
export function fittingPreset(firstReportAt: number | null, nowSecs: number): Preset {
  const age = firstReportAt === null ? Number.POSITIVE_INFINITY : nowSecs - firstReportAt;
  return PRESETS.find(preset => preset.secs >= Math.min(age, DEFAULT.secs)) ?? DEFAULT;
}

/** Whether the address says which time is looked at. */
export function namesRange(params: URLSearchParams): boolean {
  return params.has("range") || parseRange(params).kind === "fixed";
}

/** The query parameters of a window: whole minutes, never shorter than what can be shown. */
export function windowParams(from: number, to: number): Record<string, string> {
  let start = Math.floor(from / 60) * 60;
  let end = Math.ceil(to / 60) * 60;
  if (end - start < SHORTEST_SECS) {
    const middle = Math.round((start + end) / 120) * 60;
    start = middle - Math.floor(SHORTEST_SECS / 120) * 60;
    end = start + SHORTEST_SECS;
  }
  return { from: String(start), to: String(end) };
}

export const NO_ZOOM = { from: null, to: null };
