/** A chart with what explains it: the period before, and releases. */
import { withMarkers } from "./markers";
import type { ChartModel, Marker } from "./model";
import { withPrevious } from "./previous";

export function decorated(model: ChartModel, before: ChartModel | null, releases: readonly Marker[]): ChartModel {
  return withMarkers(before === null ? model : withPrevious(model, before), releases);
}
