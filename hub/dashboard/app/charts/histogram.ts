/** The geometry of a latency histogram on a logarithmic axis. */
import type { HistogramBucket } from "../api/model";

export interface Bin {
  from: number;
  to: number;
  count: number;
}

/** Buckets that are narrower than a bar should be are merged with their neighbours: adding counts is exact. */
export function mergeBins(buckets: readonly HistogramBucket[], barsMax: number): Bin[] {
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (!first || !last) return [];
  const bucketRatio = Math.log(first.le_ms / first.ge_ms);
  const span = Math.round(Math.log(last.le_ms / first.ge_ms) / bucketRatio);
  let together = 1;
  while (span / together > barsMax) together *= 2;
  const bins = new Map<number, Bin>();
  for (const { ge_ms, le_ms, count } of buckets) {
    // Groups are counted from 1 ms, so that they stay where they are when the lowest bucket changes.
    const group = Math.floor(Math.round(Math.log(ge_ms) / bucketRatio) / together);
    const bin = bins.get(group);
    bins.set(group, bin ? { from: bin.from, to: le_ms, count: bin.count + count } : { from: ge_ms, to: le_ms, count });
  }
  return [...bins.values()];
}

export interface LogScale {
  from: number;
  to: number;
  at: (ms: number) => number;
}

/** A scale over the bins with a little room at both ends; at least one decade wide. */
export function logScale(bins: readonly Bin[], width: number): LogScale {
  const low = bins[0]?.from ?? 1;
  const high = bins.at(-1)?.to ?? 1000;
  const room = Math.max(0, 1 - Math.log10(high / low)) / 2 + 0.04;
  const [from, to] = [low / 10 ** room, high * 10 ** room];
  return { from, to, at: ms => (Math.log(ms / from) / Math.log(to / from)) * width };
}

/** Round numbers for the axis: 1, 2, 5 per decade where there is room, else 1. */
export function logTicks(scale: LogScale, width: number, space = 64): number[] {
  const decades = Math.log10(scale.to / scale.from);
  const perDecade = width / decades / space;
  const steps = perDecade >= 3 ? [1, 2, 5] : perDecade >= 1.6 ? [1, 3] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(scale.from)); power <= Math.ceil(Math.log10(scale.to)); power += 1) {
    for (const step of steps) {
      const tick = Number((step * 10 ** power).toPrecision(1));
      if (tick >= scale.from && tick <= scale.to) ticks.push(tick);
    }
  }
  return ticks;
}

/** Three or four round numbers from zero to the top of a linear axis. */
export function linearTicks(top: number, wanted = 4): number[] {
  const raw = Math.max(1, top) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const nice = [1, 2, 2.5, 5, 10].map(factor => factor * power).filter(step => Number.isInteger(step));
  const step = nice.find(one => one >= raw) ?? Math.ceil(raw);
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step);
}
