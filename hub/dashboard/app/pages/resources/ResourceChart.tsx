/** One measure of the chosen instances: its figures, and its course. */
import type { ResourceStep, TrafficStep } from "../../api/model";
import type { StepsAnswer } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { NOTHING } from "../../format/numbers";
import type { Scope } from "../../url/useScope";
import type { Named } from "./choice";
import { figuresOf, gather, type MeasureLook, resourceModel } from "./resourceSeries";

interface Props {
  look: MeasureLook;
  answer: StepsAnswer<ResourceStep>;
  chosen: readonly Named[];
  apart: boolean;
  traffic: StepsAnswer<TrafficStep> | null;
  scope: Scope;
}

const ids = (chosen: readonly Named[]) => chosen.map(one => one.id);

export function ResourceChart({ look, answer, chosen, apart, traffic, scope }: Props) {
  const steps = gather(answer.data, ids(chosen), look.key);
  const figures = figuresOf(steps);
  const { range, as_of } = answer;
  const names = chosen.map(one => one.name);
  const show = (value: number | null) => (value === null ? NOTHING : look.format(value));
  return (
    <section className="panel" aria-label={look.label}>
      <div className="panel-head">
        <h2 title={look.hint}>{look.label}</h2>
        <dl className="corner">
          {(["now", "mean", "max"] as const).map(key => (
            <div key={key}>
              <dt>{key === "now" ? "latest" : key}</dt>
              <dd>{show(figures[key])}</dd>
            </div>
          ))}
        </dl>
      </div>
      <TimeChart
        model={resourceModel({ look, range, asOf: as_of, steps, names, apart, traffic })}
        label={`${look.label} over time`}
        height={210}
        onZoom={scope.zoom}
        onReset={scope.resetZoom}
      />
    </section>
  );
}
