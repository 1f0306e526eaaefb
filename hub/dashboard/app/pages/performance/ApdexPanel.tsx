/** The score in one glance: where it stands on Apdex's scale, and how many waited how long. */
import type { ReactNode } from "react";
import type { LatencyHistogram } from "../../api/model";
import { apdex, duration, exact, percent } from "../../format/numbers";
import { apdexWord } from "../../ui/ErrorRate";
import { waitedOf } from "./apdex";

/** Where Apdex's words begin, from the right. */
const SCALE = [
  { from: 0, to: 0.5, tone: "unacceptable" },
  { from: 0.5, to: 0.7, tone: "poor" },
  { from: 0.7, to: 0.85, tone: "fair" },
  { from: 0.85, to: 0.94, tone: "good" },
  { from: 0.94, to: 1, tone: "excellent" },
] as const;

interface Props {
  score: number | null;
  threshold: number;
  histogram: LatencyHistogram | null;
  /** Its course. */
  children: ReactNode;
}

export function ApdexPanel({ score, threshold, histogram, children }: Props) {
  return (
    <section className="panel apdex" aria-label="Apdex">
      <div className="panel-head">
        <h2>Apdex</h2>
        <span className="muted" title="Up to this long satisfies, up to four times as long is tolerated">
          T = {duration(threshold)}
        </span>
      </div>
      <p className="apdex-score">
        <b>{apdex(score)}</b> {score !== null && <span data-word={apdexWord(score)}>{apdexWord(score)}</span>}
      </p>
      <div className="apdex-scale" aria-hidden="true">
        {SCALE.map(({ from, to, tone }) => (
          <i key={tone} data-word={tone} style={{ flexGrow: to - from }} />
        ))}
        {score !== null && <span style={{ left: `${score * 100}%` }} />}
      </div>
      {children}
      {histogram && <Waits histogram={histogram} threshold={threshold} />}
    </section>
  );
}

function Waits({ histogram, threshold }: { histogram: LatencyHistogram; threshold: number }) {
  const waited = waitedOf(histogram, threshold);
  const parts = [
    { key: "satisfied", label: `Satisfied, up to ${duration(threshold)}` },
    { key: "tolerating", label: `Tolerating, up to ${duration(threshold * 4)}` },
    { key: "frustrated", label: `Frustrated, longer` },
  ] as const;
  return (
    <>
      <ul className="waits">
        {parts.map(({ key, label }) => (
          <li key={key}>
            <i data-part={key} aria-hidden="true" />
            <span>{label}</span>
            <b title={`${exact(waited[key])} requests`}>{percent(waited[key], histogram.requests)}</b>
          </li>
        ))}
      </ul>
      <p className="muted apdex-note">By time alone. In the score, server errors frustrate however quick they were.</p>
    </>
  );
}
