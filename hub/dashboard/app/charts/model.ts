/** What a time chart draws. Built by `series.ts` from answers of the API, drawn by `TimeChart.tsx`. */

export interface ChartSeries {
  label: string;
  /** A CSS colour expression; resolved when drawn, so that it follows the theme. */
  color: string;
  /** One value per slot; null is a hole. */
  values: (number | null)[];
  width?: number;
  dash?: readonly number[];
  /** Fills the area below the line. */
  filled?: boolean;
  /** Drawn by something else, such as a band between two series; neither line nor legend. */
  hidden?: boolean;
  /** Measured by the axis at the right. */
  overlay?: boolean;
}

/** The area between two series, by their places. */
export interface Band {
  high: number;
  low: number;
  color: string;
}

/** A horizontal line, such as a threshold. */
export interface Level {
  at: number;
  label: string;
  color: string;
}

/** A series of the period before, with a value for each slot of this one. */
export interface PreviousSeries {
  label: string;
  color: string;
  values: (number | null)[];
}

/** A moment with a name, such as a release. */
export interface Marker {
  at: number;
  label: string;
}

export interface TooltipRow {
  label: string;
  value: string;
  color: string;
}

export interface ChartModel {
  kind: "bars" | "lines";
  from: number;
  to: number;
  slots: { start: number; end: number }[];
  series: ChartSeries[];
  /** Formats a value of the vertical axis. */
  format: (value: number) => string;
  /** The rows of the tooltip for a slot; none for a hole. */
  rows: (slot: number) => TooltipRow[];
  /** Steps that end after this moment are still being filled. */
  asOf: number | null;
  /** A fixed upper end of the vertical axis, such as 100 %. */
  top?: number;
  bands?: readonly Band[];
  levels?: readonly Level[];
  previous?: readonly PreviousSeries[];
  markers?: readonly Marker[];
  /** Formats a value of the axis at the right. */
  formatOverlay?: (value: number) => string;
  /** What an empty chart says. */
  nothing?: string;
}
