/** The cards above the chart: a figure for the whole range each, and the chart that a click shows. */
import type { AppEnvironment, LatencyHistogram, LatencyStep, TrafficStep } from "../../api/model";
import { minutesOf } from "../../charts/minutes";
import type { ChartModel } from "../../charts/model";
import {
  errorRates,
  percentiles,
  requestRate,
  requestsByClass,
  type StepsAnswer,
  totalsByClass,
  transferred,
} from "../../charts/series";
import { bytes, count, duration, exact, percent, rate } from "../../format/numbers";
import { span } from "../../format/time";

export type TrafficAnswer = StepsAnswer<TrafficStep>;
export type LatencyAnswer = StepsAnswer<LatencyStep> & { histogram: LatencyHistogram };

export interface Card {
  key: string;
  label: string;
  chart: string;
}

export const CARDS = [
  { key: "requests", label: "Requests", chart: "Requests by status class" },
  { key: "rate", label: "Requests/min", chart: "Requests a minute" },
  { key: "errors", label: "Error rate", chart: "Share of requests that failed" },
  { key: "latency", label: "Latency p95", chart: "Latency percentiles" },
  { key: "bytes", label: "Data out", chart: "Bytes transferred" },
] as const satisfies readonly Card[];

export type CardKey = (typeof CARDS)[number]["key"];

export const cardOf = (name: string | null) => CARDS.find(card => card.key === name) ?? CARDS[0];

/** The chart of a card; null while its answer is not there. */
export function chartOf(key: CardKey, traffic: TrafficAnswer | null, latency: LatencyAnswer | null): ChartModel | null {
  if (key === "latency") return latency && percentiles(latency);
  if (traffic === null) return null;
  const build = { requests: requestsByClass, rate: requestRate, errors: errorRates, bytes: transferred };
  return build[key](traffic);
}

export interface Figure {
  /** What is compared with the period before; null when nothing was measured. */
  amount: number | null;
  value: string;
  note: string;
  /** The exact value. */
  title?: string;
}

const sum = (steps: readonly TrafficStep[], pick: (step: TrafficStep) => number) =>
  steps.reduce((total, step) => total + pick(step), 0);

const MINUTE_SECS = 60;

/** The busiest step, a minute. The longer the step, the more it evens out peaks: so it says over how long it is. */
function busiestText(data: readonly TrafficStep[], stepSecs: number): string {
  const busiest = rate(Math.max(0, ...data.map(step => step.requests)) / (stepSecs / MINUTE_SECS));
  return stepSecs === MINUTE_SECS ? `${busiest} at the busiest` : `up to ${busiest}/min over ${span(stepSecs)}`;
}

export function figures({ data, range }: TrafficAnswer, minutes: number): Record<Exclude<CardKey, "latency">, Figure> {
  const requests = sum(data, step => step.requests);
  const [totals, left] = [
    totalsByClass(data.map(step => step.by_status)),
    totalsByClass(data.map(step => step.expected_by_status)),
  ];
  const [client, server] = [totals["4xx"] - left["4xx"], totals["5xx"] - left["5xx"]];
  const expected = left["4xx"] + left["5xx"];
  const [bytesIn, bytesOut] = [sum(data, step => step.request_bytes), sum(data, step => step.response_bytes)];
  return {
    requests: {
      amount: requests || null,
      value: count(requests),
      note: `${count(requests - client - server)} without error`,
      title: exact(requests),
    },
    rate: {
      amount: requests / minutes || null,
      value: rate(requests / minutes),
      note: busiestText(data, range.step_secs ?? MINUTE_SECS),
    },
    errors: {
      amount: requests > 0 ? (client + server) / requests : null,
      value: percent(client + server, requests),
      note: `4xx ${percent(client, requests)} · 5xx ${percent(server, requests)}`,
      title: `${exact(client)} client errors, ${exact(server)} server errors${
        expected > 0 ? `; ${exact(expected)} more are expected and not counted` : ""
      }`,
    },
    bytes: { amount: bytesOut || null, value: bytes(bytesOut), note: `${bytes(bytesIn)} in` },
  };
}

/** The figures of the answers that are there. */
export function allFigures(
  traffic: TrafficAnswer | null,
  latency: LatencyAnswer | null,
  environment: Pick<AppEnvironment, "first_report_at">,
): Partial<Record<CardKey, Figure>> {
  return {
    ...(traffic && figures(traffic, minutesOf(traffic, environment))),
    ...(latency && { latency: latencyFigure(latency) }),
  };
}

export function latencyFigure({ histogram }: LatencyAnswer): Figure {
  return {
    amount: histogram.p95_ms,
    value: duration(histogram.p95_ms),
    note: `p50 ${duration(histogram.p50_ms)} · p99 ${duration(histogram.p99_ms)}`,
  };
}
