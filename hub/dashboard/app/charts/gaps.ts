/**
 * The API leaves out steps without requests. Here they get their places back, as holes: a chart that drew zero there, or a line
 * across, would claim something that was not measured.
 */

export interface Grid {
  from: number;
  to: number;
  step_secs: number | null;
}

export interface Slot<T> {
  start: number;
  end: number;
  /** What was measured in the step; null for a hole. */
  step: T | null;
}

/** More slots than this cannot come from one answer of the API; a broken step width must not fill the memory. */
const SLOTS_MAX = 4000;

/**
 * All steps of the range in order. Steps need not be of one width (days in a time zone are not), so holes are counted from the
 * steps that are there: a distance is a hole only from one and a half steps on.
 */
export function placeGaps<T extends { start: number }>(steps: readonly T[], grid: Grid): Slot<T>[] {
  const width = grid.step_secs ?? grid.to - grid.from;
  if (width <= 0 || (grid.to - grid.from) / width > SLOTS_MAX) return [];
  const starts: { start: number; step: T | null }[] = [];
  const first = steps[0];
  const origin = first === undefined ? grid.from : first.start - Math.floor((first.start - grid.from) / width) * width;
  let next = origin;
  for (const step of steps) {
    for (; step.start - next > width / 2; next += width) starts.push({ start: next, step: null });
    starts.push({ start: step.start, step });
    next = step.start + width;
  }
  for (; grid.to - next > width / 2; next += width) starts.push({ start: next, step: null });
  return starts.map((slot, index) => ({ ...slot, end: starts[index + 1]?.start ?? slot.start + width }));
}
