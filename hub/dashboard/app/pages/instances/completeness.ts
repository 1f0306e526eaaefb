/** Whether the numbers of the other pages are whole, in a sentence: from gaps in the running numbers and from counted losses. */
import type { Instance, Loss } from "../../api/model";

/** Losses that leave every request counted: only details are missing. */
const DETAIL_ONLY = new Set([
  "routes_folded",
  "consumers_folded",
  "validation_errors_dropped",
  "server_errors_dropped",
  "text_cut",
  "request_logs_dropped",
  "callback_panicked",
]);

export interface Completeness {
  verdict: "whole" | "details" | "requests";
  reports: number;
  missing: number;
  /** Instances with gaps in their running numbers. */
  gaps: number;
  lost: number;
  folded: number;
}

const sum = (losses: readonly Loss[], wanted: (loss: Loss) => boolean) =>
  losses.reduce((total, loss) => total + (wanted(loss) ? loss.count : 0), 0);

export function completenessOf(instances: readonly Instance[], losses: readonly Loss[]): Completeness {
  const missing = instances.reduce((total, one) => total + one.missing_reports, 0);
  const lost = sum(losses, loss => !DETAIL_ONLY.has(loss.reason));
  return {
    verdict: missing > 0 || lost > 0 ? "requests" : losses.length > 0 ? "details" : "whole",
    reports: instances.reduce((total, one) => total + one.reports, 0),
    missing,
    gaps: instances.filter(one => one.missing_reports > 0).length,
    lost,
    folded: sum(losses, loss => loss.reason.endsWith("_folded")),
  };
}
