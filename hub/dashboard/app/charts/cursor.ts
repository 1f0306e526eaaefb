/**
 * The moment that is pointed at, shared by all charts of a page. uPlot's own sync does it between time charts; this is for
 * charts that are drawn by something else, such as the heatmap.
 */
import { type RefObject, useEffect, useState } from "react";
import type uPlot from "uplot";

const plots = new Set<RefObject<uPlot | null>>();
const listeners = new Set<(secs: number | null) => void>();

/** Lets a time chart follow what other charts point at. */
export function useSharedCursor(plot: RefObject<uPlot | null>): void {
  useEffect(() => {
    plots.add(plot);
    return () => void plots.delete(plot);
  }, [plot]);
}

/** A time chart says where its cursor stands; null when it left. Only the one below the pointer is heard. */
export function tellCursor(plot: uPlot, secs: number | null): void {
  if (secs !== null && !plot.root.matches(":hover, :focus-within")) return;
  for (const listener of listeners) listener(secs);
}

/** Another chart says what it points at: every time chart shows the moment. */
export function pointAll(secs: number | null): void {
  for (const { current: plot } of plots) {
    if (secs === null) plot?.setCursor({ left: -10, top: -10 });
    else plot?.setCursor({ left: plot.valToPos(secs, "x"), top: 10 });
  }
}

/** The moment that a time chart points at. */
export function usePointedMoment(): number | null {
  const [moment, setMoment] = useState<number | null>(null);
  useEffect(() => {
    listeners.add(setMoment);
    return () => void listeners.delete(setMoment);
  }, []);
  return moment;
}
