/** How durations are spread, on a logarithmic scale. */
import type { LatencyHistogram as Histogram } from "../../api/model";
import type { Answer } from "../../api/useQuery";
import { LatencyHistogram } from "../../charts/LatencyHistogram";
import { Empty, Loaded } from "../../ui/notes";

interface Props {
  latency: Answer<{ histogram: Histogram }>;
  /** What is measured: durations, or times to headers. */
  measured: string;
  label: string;
  className?: string;
}

export function Distribution({ latency, measured, label, className = "" }: Props) {
  return (
    <section className={`panel ${className}`} aria-label={label}>
      <div className="panel-head">
        <h2>Distribution</h2>
        <span className="muted">{measured}, logarithmic</span>
      </div>
      <Loaded answer={latency} what="The histogram" height={274}>
        {({ histogram }) =>
          histogram.requests > 0 ? (
            <LatencyHistogram histogram={histogram} label={`${measured}, histogram`} />
          ) : (
            <Empty title="No requests in this range" />
          )
        }
      </Loaded>
    </section>
  );
}
