/** How many logged requests there are over time, by status class; dragging looks closer. */
import type { LogStep } from "../../api/model";
import type { StepsAnswer } from "../../charts/series";
import { requestsByClass } from "../../charts/series";
import { TimeChart } from "../../charts/TimeChart";
import { exact } from "../../format/numbers";
import { dateTime } from "../../format/time";
import type { Scope } from "../../url/useScope";

interface Props {
  answer: StepsAnswer<LogStep> & { stopped_at_us?: number | null };
  scope: Scope;
}

export function Timeline({ answer, scope }: Props) {
  const total = answer.data.reduce((sum, step) => sum + step.requests, 0);
  const model = requestsByClass(answer);
  const stopped = answer.stopped_at_us ?? null;
  return (
    <section className="panel log-timeline" aria-label="Requests over time">
      <p className="log-total">
        <b>{exact(total)}</b> logged {total === 1 ? "request" : "requests"}
        {stopped !== null && (
          <span className="muted"> since {dateTime(stopped / 1_000_000)}; older ones were not counted</span>
        )}
      </p>
      <TimeChart
        model={{ ...model, nothing: "No logged request fits in this range" }}
        label="Logged requests over time, by status class"
        height={104}
        legend={false}
        onZoom={scope.zoom}
        onReset={scope.resetZoom}
      />
    </section>
  );
}
