/** The labels of time axes, and how far apart they may stand. */

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** Midnights are named by their day, everything else by the clock. */
export function timeLabels(splits: readonly number[], incrSecs: number): string[] {
  return splits.map(secs => {
    const date = new Date(secs * 1000);
    const midnight = date.getHours() === 0 && date.getMinutes() === 0;
    return midnight || incrSecs >= 86_400 ? day.format(date) : clock.format(date);
  });
}

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
/** Distances of labels on the time axis: never below a minute, which is the finest step. */
export const TIME_STEPS = [
  ...[1, 5, 10, 15, 30].map(minutes => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map(hours => hours * HOUR),
  ...[1, 2, 3, 4, 7, 14, 28].map(days => days * DAY),
];
