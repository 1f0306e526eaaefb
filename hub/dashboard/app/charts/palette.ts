/** Which colour means what, as CSS expressions. The same everywhere, never the only signal. */

export const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;
export type StatusClassName = (typeof STATUS_CLASSES)[number];

export const CLASS_LABELS: Record<StatusClassName, string> = {
  "1xx": "Informational",
  "2xx": "Success",
  "3xx": "Redirect",
  "4xx": "Client error",
  "5xx": "Server error",
};

export const classColor = (name: string) => `var(--status-${name[0]})`;
/** What is no status counts as the gravest. */
export const classOf = (status: string): StatusClassName => STATUS_CLASSES[Number(status[0]) - 1] ?? "5xx";

/** A code's colour: its class's, paler for each further code of the class. */
export function codeColor(status: string, rank: number): string {
  const keep = Math.max(40, 100 - rank * 24);
  return keep === 100 ? classColor(status) : `color-mix(in srgb, ${classColor(status)} ${keep}%, var(--surface))`;
}

export const PERCENTILES = [
  { key: "p50_ms", label: "p50", color: "var(--p50)", width: 1.5, dash: [] },
  { key: "p75_ms", label: "p75", color: "var(--p75)", width: 1.25, dash: [2, 2] },
  { key: "p95_ms", label: "p95", color: "var(--p95)", width: 2, dash: [] },
  { key: "p99_ms", label: "p99", color: "var(--p99)", width: 1.5, dash: [6, 3] },
] as const;
