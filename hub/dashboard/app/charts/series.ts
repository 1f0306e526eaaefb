/** Turns answers of the API into chart models. */
import type { ConsumerActivity, LatencyStep, Range, StatusStep, TrafficStep } from "../api/model";
import * as format from "../format/numbers";
import { placeGaps, type Slot } from "./gaps";
import type { ChartModel, ChartSeries, TooltipRow } from "./model";
import {
  CLASS_LABELS,
  classColor,
  classOf,
  codeColor,
  PERCENTILES,
  STATUS_CLASSES,
  type StatusClassName,
} from "./palette";

export interface StepsAnswer<T> {
  range: Range;
  as_of: number | null;
  data: T[];
}

type ClassCounts = Record<StatusClassName, number>;
const none = (): ClassCounts => ({ "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0 });

/** Steps that were looked at: charts and figures of one answer ask for the same ones again and again. */
const counted = new WeakMap<StatusStep["by_status"], ClassCounts>();

function classesOf(byStatus: StatusStep["by_status"]): ClassCounts {
  const known = counted.get(byStatus);
  if (known) return known;
  const counts = none();
  for (const [status, count] of Object.entries(byStatus)) counts[classOf(status)] += count;
  counted.set(byStatus, counts);
  return counts;
}

/** Counts by class, for totals of a whole answer: of requests, or of some of them. */
export function totalsByClass(steps: readonly StatusStep["by_status"][]): ClassCounts {
  const totals = none();
  for (const byStatus of steps) {
    const counts = classesOf(byStatus);
    for (const name of STATUS_CLASSES) totals[name] += counts[name];
  }
  return totals;
}

/** Requests by status over a whole answer, most frequent first. */
export function totalsByCode(steps: readonly StatusStep[]): [string, number][] {
  const totals = new Map<string, number>();
  for (const step of steps) {
    for (const [status, count] of Object.entries(step.by_status)) totals.set(status, (totals.get(status) ?? 0) + count);
  }
  return [...totals].sort(([, a], [, b]) => b - a);
}

const color = (css: string, label: string, value: string): TooltipRow => ({ label, value, color: css });

/** The exact counts of a step, one row per status. */
function statusRows(step: StatusStep | null | undefined): TooltipRow[] {
  if (!step) return [];
  const codes = Object.entries(step.by_status).sort(([a], [b]) => a.localeCompare(b));
  const rows = codes.map(([status, count]) => color(classColor(status), status, format.exact(count)));
  return [...rows, color("transparent", "Total", format.exact(step.requests))];
}

interface Frame<T> {
  answer: StepsAnswer<T>;
  slots: Slot<T>[];
}

function frame<T extends { start: number }>(answer: StepsAnswer<T>): Frame<T> {
  return { answer, slots: placeGaps(answer.data, answer.range) };
}

function model<T>(
  { answer, slots }: Frame<T>,
  rest: Pick<ChartModel, "kind" | "series" | "format" | "rows"> & { top?: number },
): ChartModel {
  return { from: answer.range.from, to: answer.range.to, slots, asOf: answer.as_of, ...rest };
}

/** Stacked bars by status class, lowest class at the bottom. Classes that never occur are left out. */
export function requestsByClass(answer: StepsAnswer<StatusStep>): ChartModel {
  const framed = frame(answer);
  const totals = totalsByClass(answer.data.map(step => step.by_status));
  const series = STATUS_CLASSES.filter(name => totals[name] > 0).map(name => ({
    label: `${name} ${CLASS_LABELS[name]}`,
    color: classColor(name),
    values: framed.slots.map(({ step }) => step && classesOf(step.by_status)[name]),
  }));
  return model(framed, {
    kind: "bars",
    series,
    format: format.count,
    rows: slot => statusRows(framed.slots[slot]?.step),
  });
}

/** Stacked bars by status code, rising. */
export function requestsByCode(answer: StepsAnswer<StatusStep>): ChartModel {
  const framed = frame(answer);
  const codes = totalsByCode(answer.data)
    .map(([status]) => status)
    .sort();
  const colorOf = (status: string) =>
    codeColor(status, codes.filter(other => classOf(other) === classOf(status)).indexOf(status));
  const series = codes.map(status => ({
    label: status,
    color: colorOf(status),
    values: framed.slots.map(({ step }) => step && (step.by_status[status] ?? 0)),
  }));
  const rows = (slot: number) =>
    statusRows(framed.slots[slot]?.step).map(row =>
      row.label === "Total" ? row : { ...row, color: colorOf(row.label) },
    );
  return model(framed, { kind: "bars", series, format: format.count, rows });
}

/** Lines with one row each in the tooltip. */
function lines<T>(
  framed: Frame<T>,
  series: ChartSeries[],
  show: (value: number) => string,
  extra: (step: T) => TooltipRow[] = () => [],
): ChartModel {
  const rows = (slot: number): TooltipRow[] => {
    const step = framed.slots[slot]?.step;
    if (!step) return [];
    const shown = series.map(one => color(one.color, one.label, show(one.values[slot] ?? Number.NaN)));
    return [...shown, ...extra(step)];
  };
  return model(framed, { kind: "lines", series, format: show, rows });
}

export function requestRate(answer: StepsAnswer<TrafficStep>): ChartModel {
  const framed = frame(answer);
  const now = answer.as_of ?? answer.range.to;
  const perMinute = (slot: Slot<TrafficStep>) => {
    const minutes = Math.max(1, (Math.min(slot.end, Math.max(now, slot.start + 60)) - slot.start) / 60);
    return slot.step && slot.step.requests / minutes;
  };
  const series = [
    { label: "Requests/min", color: "var(--status-2)", values: framed.slots.map(perMinute), filled: true, width: 1.75 },
  ];
  return lines(framed, series, format.rate, step => [color("transparent", "Requests", format.exact(step.requests))]);
}

/** What failed of a step and nobody expects. */
const unexpected = (step: TrafficStep, name: StatusClassName) =>
  classesOf(step.by_status)[name] - classesOf(step.expected_by_status)[name];

export function errorRates(answer: StepsAnswer<TrafficStep>): ChartModel {
  const framed = frame(answer);
  const share = (name: StatusClassName) =>
    framed.slots.map(({ step }) => step && (unexpected(step, name) / step.requests) * 100);
  const series: ChartSeries[] = [
    { label: "4xx Client errors", color: classColor("4xx"), values: share("4xx"), width: 1.5, dash: [5, 3] },
    { label: "5xx Server errors", color: classColor("5xx"), values: share("5xx"), width: 2, filled: true },
  ];
  const built = lines(framed, series, value => `${format.significant(value)}\u00a0%`);
  const rows = (slot: number) => {
    const step = framed.slots[slot]?.step;
    if (!step) return [];
    const row = (name: StatusClassName) => {
      const count = unexpected(step, name);
      return color(classColor(name), name, `${format.percent(count, step.requests)} (${format.exact(count)})`);
    };
    const expected = color("transparent", "Expected, not counted", format.exact(step.expected_errors));
    return [
      ...[row("4xx"), row("5xx")],
      ...(step.expected_errors > 0 ? [expected] : []),
      color("transparent", "Requests", format.exact(step.requests)),
    ];
  };
  return { ...built, rows };
}

export function transferred(answer: StepsAnswer<TrafficStep>): ChartModel {
  const framed = frame(answer);
  const series: ChartSeries[] = [
    {
      label: "Out (responses)",
      color: "var(--bytes-out)",
      values: framed.slots.map(({ step }) => step?.response_bytes ?? null),
      filled: true,
      width: 1.75,
    },
    {
      label: "In (requests)",
      color: "var(--bytes-in)",
      values: framed.slots.map(({ step }) => step?.request_bytes ?? null),
      width: 1.5,
      dash: [5, 3],
    },
  ];
  return lines(framed, series, format.bytes);
}

/** Bars of one kind of event. */
export function countsOverTime(
  answer: StepsAnswer<{ start: number; count: number }>,
  label: string,
  css: string,
): ChartModel {
  const framed = frame(answer);
  const series = [{ label, color: css, values: framed.slots.map(({ step }) => step?.count ?? null) }];
  const rows = (slot: number) => {
    const step = framed.slots[slot]?.step;
    return step ? [color(css, label, format.exact(step.count))] : [];
  };
  return model(framed, { kind: "bars", series, format: format.count, rows });
}

/** How many consumers called in each step: those seen before it, and new ones on top. */
export function newAndReturning(answer: StepsAnswer<ConsumerActivity>): ChartModel {
  const framed = frame(answer);
  const kinds = [
    { key: "returning", label: "Returning", color: "var(--status-2)" },
    { key: "new", label: "New", color: "var(--p50)" },
  ] as const;
  const series = kinds.map(({ key, label, color: css }) => ({
    label,
    color: css,
    values: framed.slots.map(({ step }) => step?.[key] ?? null),
  }));
  const rows = (slot: number) => {
    const step = framed.slots[slot]?.step;
    return step ? kinds.map(({ key, label, color: css }) => color(css, label, format.exact(step[key]))) : [];
  };
  return model(framed, { kind: "bars", series, format: format.count, rows });
}

/** The score over time, with the threshold of what is called good. */
export function apdexOverTime(answer: StepsAnswer<LatencyStep>): ChartModel {
  const framed = frame(answer);
  const values = framed.slots.map(({ step }) => step?.apdex ?? null);
  const series: ChartSeries[] = [{ label: "Apdex", color: "var(--p50)", width: 1.75, filled: true, values }];
  const built = lines(framed, series, format.apdex, step => [
    color("transparent", "Requests", format.exact(step.requests)),
  ]);
  return { ...built, top: 1, levels: [{ at: 0.85, label: "good from 0.85", color: "var(--text-3)" }] };
}

/** The mean of one body, where there was a request. */
export function meanSizes(answer: StepsAnswer<TrafficStep>): ChartModel {
  const mean = (total: number, requests: number) => (requests > 0 ? total / requests : 0);
  const data = answer.data.map(step => ({
    ...step,
    request_bytes: mean(step.request_bytes, step.requests),
    response_bytes: mean(step.response_bytes, step.requests),
  }));
  return transferred({ ...answer, data });
}

export function percentiles(answer: StepsAnswer<LatencyStep>): ChartModel {
  const framed = frame(answer);
  const series: ChartSeries[] = PERCENTILES.map(({ key, label, color: css, width, dash }) => ({
    label,
    color: css,
    width,
    dash,
    values: framed.slots.map(({ step }) => step?.[key] ?? null),
  }));
  const extra = (step: LatencyStep) => [
    ...(step.max_ms === null ? [] : [color("transparent", "Max", format.duration(step.max_ms))]),
    color("transparent", "Requests", format.exact(step.requests)),
  ];
  return lines(framed, series, format.duration, extra);
}
