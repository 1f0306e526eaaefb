/** How large requests and responses are: spread, all bytes over time, and the mean of one. */
import type { SizeHistogram, TrafficStep } from "../../api/model";
import * as queries from "../../api/queries";
import { type Answer, useQuery } from "../../api/useQuery";
import { SizeBars } from "../../charts/SizeBars";
import { meanSizes, type StepsAnswer, transferred } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { Empty, Loaded } from "../../ui/notes";
import type { Scope } from "../../url/useScope";

const CHARTS = [
  { title: "Bytes over time", note: "All bodies together", model: transferred },
  { title: "Size of one", note: "Mean of the bodies of a step", model: meanSizes },
];

const HALVES = [
  { key: "request", title: "Requests by size" },
  { key: "response", title: "Responses by size" },
] as const;

export function SizesTab({ scope, traffic }: { scope: Scope; traffic: Answer<StepsAnswer<TrafficStep>> }) {
  const sizes = useQuery(`sizes/${scope.key}`, signal => queries.sizes(scope.appId, scope.query(), signal));
  return (
    <div className="endpoint-sizes">
      {HALVES.map(({ key, title }) => (
        <section className="panel" aria-label={title} key={key}>
          <div className="panel-head">
            <h2>{title}</h2>
            <span className="muted">Logarithmic</span>
          </div>
          <Loaded answer={sizes} what="The sizes" height={178}>
            {({ data }) => (
              <Spread histogram={data[key]} title={title} filtered={scope.filters.consumer !== undefined} />
            )}
          </Loaded>
        </section>
      ))}
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

interface SpreadProps {
  histogram: SizeHistogram;
  title: string;
  /** Of one consumer only sums are known. */
  filtered: boolean;
}

function Spread({ histogram, title, filtered }: SpreadProps) {
  if (histogram.buckets.length > 0) return <SizeBars histogram={histogram} label={title} />;
  if (filtered)
    return <Empty title="Of one consumer only sums are known">Take the consumer away to see the sizes of all.</Empty>;
  return <Empty title="No sizes are known in this range">{histogram.empty > 0 && "All bodies were empty."}</Empty>;
}
