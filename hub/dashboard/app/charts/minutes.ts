/** How many minutes of an answer there were reports for: what "requests a minute" is divided by. */
import type { AppEnvironment } from "../api/model";
import type { StepsAnswer } from "./series";

/**
 * From the beginning of the range to the newest report. An environment that began within the range is counted from its first
 * report, or from the first step with requests, because reports tell of minutes before their own.
 */
export function minutesOf(
  { range, as_of, data }: StepsAnswer<{ start: number }>,
  environment: Pick<AppEnvironment, "first_report_at">,
): number {
  const began = Math.min(environment.first_report_at, data[0]?.start ?? Number.POSITIVE_INFINITY);
  const end = Math.min(range.to, as_of ?? range.to);
  return Math.max(1, (end - Math.max(range.from, began)) / 60);
}
