/** How large requests and responses are: all bytes over time, and the mean of one. */
import type { TrafficStep } from "../../api/model";
import type { Answer } from "../../api/useQuery";
import { meanSizes, type StepsAnswer, transferred } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { Loaded } from "../../ui/notes";
import type { Scope } from "../../url/useScope";

const CHARTS = [
  { title: "Bytes over time", note: "All bodies together", model: transferred },
  { title: "Size of one", note: "Mean of the bodies of a step", model: meanSizes },
];

export function SizesTab({ scope, traffic }: { scope: Scope; traffic: Answer<StepsAnswer<TrafficStep>> }) {
  return (
    <div className="endpoint-sizes">
      {CHARTS.map(({ title, note, model }) => (
        <section className="panel" aria-label={title} key={title}>
          <div className="panel-head">
            <h2>{title}</h2>
            <span className="muted">{note}</span>
          </div>
          <Loaded answer={traffic} what="The sizes" height={254}>
            {answer => (
              <TimeChart
                model={model(answer)}
                label={title}
                height={230}
                onZoom={scope.zoom}
                onReset={scope.resetZoom}
              />
            )}
          </Loaded>
        </section>
      ))}
    </div>
  );
}
