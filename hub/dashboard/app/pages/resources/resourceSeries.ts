/** From samples of instances to charts: the mean over instances with the band between the lowest and the highest, or each alone. */
import type { Range, ResourceStep, TrafficStep } from "../../api/model";
import { placeGaps, type Slot } from "../../charts/gaps";
import type { ChartModel, ChartSeries, TooltipRow } from "../../charts/model";
import type { StepsAnswer } from "../../charts/series";
import * as format from "../../format/numbers";

export type Measure = Exclude<keyof ResourceStep, "start" | "instance_id">;

export interface MeasureLook {
  key: Measure;
  label: string;
  hint: string;
  color: string;
  format: (value: number) => string;
  /** A fixed upper end of the axis. */
  top?: number;
}

const share = (value: number) => `${format.significant(value * 100)}\u00a0%`;

export const PROCESS: readonly MeasureLook[] = [
  {
    key: "cpu",
    label: "CPU",
    hint: "Time on processors per time: 100 % is one core",
    color: "var(--accent)",
    format: share,
  },
  {
    key: "rss_bytes",
    label: "Memory",
    hint: "Resident memory of the process",
    color: "var(--bytes-in)",
    format: format.bytes,
  },
];

export const RUNTIME: readonly MeasureLook[] = [
  {
    key: "runtime_busy",
    label: "Runtime busy",
    hint: "Share of the worker threads' time spent on tasks: near 100 % tasks wait for each other",
    color: "var(--p95)",
    format: share,
  },
  {
    key: "runtime_queue_depth",
    label: "Tasks waiting",
    hint: "Tasks in the global queue of the runtime",
    color: "var(--bytes-out)",
    format: format.significant,
  },
  {
    key: "runtime_blocking_threads",
    label: "Blocking threads",
    hint: "Threads of the runtime for blocking work",
    color: "var(--p75)",
    format: format.significant,
  },
];

/** One step of the chosen instances. */
export interface Gathered {
  start: number;
  /** The sample of each instance, in the order of the instances; null where it has none. */
  values: (number | null)[];
}

/** Steps in order, each with a value per instance. Steps without any value are left out: they are holes. */
export function gather(points: readonly ResourceStep[], instances: readonly string[], measure: Measure): Gathered[] {
  const places = new Map(instances.map((id, place) => [id, place]));
  const steps = new Map<number, Gathered>();
  for (const point of points) {
    const place = places.get(point.instance_id);
    const value = point[measure];
    if (place === undefined || value === null) continue;
    const step = steps.get(point.start) ?? { start: point.start, values: instances.map(() => null) };
    step.values[place] = value;
    steps.set(point.start, step);
  }
  return [...steps.values()].sort((a, b) => a.start - b.start);
}

const known = (step: Gathered | null) => (step?.values ?? []).filter(value => value !== null);
const meanOf = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

export interface Figures {
  now: number | null;
  mean: number | null;
  max: number | null;
}

/** The newest mean, the mean of the range, and the highest sample. */
export function figuresOf(steps: readonly Gathered[]): Figures {
  const all = steps.flatMap(known);
  return {
    now: meanOf(known(steps.at(-1) ?? null)),
    mean: meanOf(all),
    max: all.length === 0 ? null : Math.max(...all),
  };
}

/** Colours of instances drawn alone; the ninth is drawn as the first. */
const INSTANCE_COLORS = [
  "var(--accent)",
  "var(--p95)",
  "var(--status-3)",
  "var(--bytes-in)",
  "var(--p50)",
  "var(--status-5)",
  "var(--bytes-out)",
  "var(--p75)",
];
const DASHES = [[], [6, 3], [2, 2]] as const;
export const instanceColor = (place: number) => INSTANCE_COLORS[place % INSTANCE_COLORS.length] ?? "var(--accent)";
const dashOf = (place: number) => [...(DASHES[Math.floor(place / INSTANCE_COLORS.length) % DASHES.length] ?? [])];

export interface Chosen {
  look: MeasureLook;
  range: Range;
  asOf: number | null;
  steps: readonly Gathered[];
  /** Names of the instances, in the order of the values. */
  names: readonly string[];
  /** Each instance as a line of its own. */
  apart: boolean;
  /** Requests to lay over the chart. */
  traffic: StepsAnswer<TrafficStep> | null;
}

function bandSeries(slots: readonly Slot<Gathered>[], { look, names }: Chosen): ChartSeries[] {
  const pick = (of: (values: number[]) => number | null) =>
    slots.map(({ step }) => {
      const values = known(step);
      return values.length === 0 ? null : of(values);
    });
  const line = { label: names.length > 1 ? "Mean" : (names[0] ?? "Mean"), color: look.color, width: 1.75 };
  if (names.length < 2) return [{ ...line, values: pick(meanOf), filled: true }];
  return [
    { ...line, values: pick(meanOf) },
    { label: "Highest", color: look.color, hidden: true, values: pick(values => Math.max(...values)) },
    { label: "Lowest", color: look.color, hidden: true, values: pick(values => Math.min(...values)) },
  ];
}

function apartSeries(slots: readonly Slot<Gathered>[], { names }: Chosen): ChartSeries[] {
  return names.map((label, place) => ({
    label,
    color: instanceColor(place),
    width: 1.5,
    dash: dashOf(place),
    values: slots.map(({ step }) => step?.values[place] ?? null),
  }));
}

function overlaySeries(slots: readonly Slot<Gathered>[], traffic: StepsAnswer<TrafficStep> | null): ChartSeries[] {
  if (traffic === null) return [];
  const requests = new Map(traffic.data.map(step => [step.start, step.requests]));
  const perMinute = ({ start, end }: Slot<Gathered>) => {
    const count = requests.get(start);
    return count === undefined ? null : count / Math.max(1, (end - start) / 60);
  };
  const values = slots.map(perMinute);
  return [{ label: "Requests/min", color: "var(--status-1)", width: 1, filled: true, overlay: true, values }];
}

export function resourceModel(chosen: Chosen): ChartModel {
  const { look, range, asOf, steps, apart, traffic } = chosen;
  const slots = placeGaps(steps, range);
  const own = apart ? apartSeries(slots, chosen) : bandSeries(slots, chosen);
  // What is laid over is drawn first: behind what is looked at.
  const behind = overlaySeries(slots, traffic);
  const series = [...behind, ...own];
  const rows = (slot: number): TooltipRow[] =>
    series.flatMap(({ label, color, values, hidden, overlay }) => {
      const value = values[slot];
      if (value == null) return [];
      return [
        { label, value: overlay ? format.rate(value) : look.format(value), color: hidden ? "transparent" : color },
      ];
    });
  return {
    kind: "lines",
    from: range.from,
    to: range.to,
    slots,
    asOf,
    series,
    format: look.format,
    formatOverlay: format.rate,
    rows,
    nothing: "No samples in this range",
    ...(look.top !== undefined && { top: look.top }),
    ...(own.length === 3 &&
      !apart && {
        bands: [
          {
            high: behind.length + 1,
            low: behind.length + 2,
            color: `color-mix(in srgb, ${look.color} 20%, transparent)`,
          },
        ],
      }),
  };
}
