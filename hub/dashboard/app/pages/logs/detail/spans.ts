/** The spans of a request as rows of a waterfall: each below the one around it, in the order of their beginnings. */
import type { LogDetail } from "../../../api/model";

export type LogSpan = LogDetail["spans"][number];

export interface SpanRow {
  span: LogSpan;
  depth: number;
  /** Shares of the whole, from 0 to 1. */
  left: number;
  width: number;
  busy: number | null;
}

/** How far the waterfall reaches: the request, or its last span where that ended later. */
export function wholeMs(durationMs: number, spans: readonly LogSpan[]): number {
  return Math.max(durationMs, 0.001, ...spans.map(span => span.offset_ms + (span.duration_ms ?? 0)));
}

/** A parent that is not in the log stands for the request; a ring of parents, which no SDK makes, is cut. */
export function rowsOf(spans: readonly LogSpan[], durationMs: number): SpanRow[] {
  const whole = wholeMs(durationMs, spans);
  const known = new Set(spans.map(span => span.id));
  const children = new Map<number | null, LogSpan[]>();
  for (const span of spans) {
    const parent = span.parent != null && known.has(span.parent) && span.parent !== span.id ? span.parent : null;
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const rows: SpanRow[] = [];
  const seen = new Set<number>();
  const put = (span: LogSpan, depth: number): void => {
    if (seen.has(span.id)) return;
    seen.add(span.id);
    const left = Math.min(1, span.offset_ms / whole);
    const lasted = span.duration_ms ?? whole - span.offset_ms;
    rows.push({
      span,
      depth,
      left,
      width: Math.min(1 - left, Math.max(0, lasted / whole)),
      busy: span.busy_ms == null || lasted <= 0 ? null : Math.min(1, span.busy_ms / lasted),
    });
    const inside = (children.get(span.id) ?? []).toSorted((a, b) => a.offset_ms - b.offset_ms || a.id - b.id);
    for (const child of inside) put(child, depth + 1);
  };
  for (const span of (children.get(null) ?? []).toSorted((a, b) => a.offset_ms - b.offset_ms || a.id - b.id))
    put(span, 0);
  for (const span of spans) put(span, 0);
  return rows;
}
