/** Apdex thresholds while they are typed: texts, so that a field can be empty on the way to another number. */
import type { ApdexThresholds } from "../../../api/model";

export interface TypedEndpoint {
  method: string;
  path: string;
  threshold: string;
}

export interface TypedThresholds {
  /** Of the app; empty for the usual one. */
  whole: string;
  endpoints: TypedEndpoint[];
}

export const typedOf = ({ threshold_ms, endpoints }: ApdexThresholds): TypedThresholds => ({
  whole: threshold_ms?.toString() ?? "",
  endpoints: endpoints.map(({ threshold_ms: own, ...endpoint }) => ({ ...endpoint, threshold: String(own) })),
});

/** What the hub is told. The form is not sent while an endpoint's own is empty: its field is required. */
export const thresholdsOf = ({ whole, endpoints }: TypedThresholds): ApdexThresholds => ({
  threshold_ms: whole === "" ? null : Number(whole),
  endpoints: endpoints.map(({ threshold, ...endpoint }) => ({ ...endpoint, threshold_ms: Number(threshold) })),
});
