/** What waits, what can never be stored, and what was accepted and is not stored. */
import type { System } from "../../api/model";
import { count, duration, exact } from "../../format/numbers";
import { ago, fullTime } from "../../format/time";
import { Empty } from "../../ui/notes";
import { useNow } from "../../ui/useNow";
import { topicsOf } from "./topics";
import { reasonName, topicName } from "./words";

export function Queue({ system }: { system: System }) {
  const now = useNow();
  return (
    <section className="panel" aria-label="Queue">
      <div className="panel-head">
        <h2>Queue</h2>
        {system.queue && (
          <span className="muted" title={fullTime(system.queue.as_of)}>
            as of {ago(system.queue.as_of, now)}
          </span>
        )}
      </div>
      {system.queue === null && <Empty title="No process that is connected to the queue reports" />}
      <div className="topics">
        {topicsOf(system).map(topic => (
          <div key={topic.topic} className="topic">
            <h3>{topicName(topic.topic)}</h3>
            <dl className="facts">
              <Fact name="Waiting" value={count(topic.depth)} title={exact(topic.depth)} />
              <Fact name="Oldest" value={topic.oldestAgeMs === null ? "–" : duration(topic.oldestAgeMs)} />
              <Fact name="Workers" value={exact(topic.consumers)} />
              <Fact name="Accepted to stored" value={duration(topic.insertLagMs)} />
              <Fact name="Stored since start" value={count(topic.stored)} title={exact(topic.stored)} />
              <Fact name="Dead letters" value={exact(topic.deadLetters)} bad={topic.deadLetters > 0} />
            </dl>
            {topic.reasons.length > 0 && (
              <ul className="reasons" aria-label="Dead letters by reason, since the workers started">
                {topic.reasons.map(([reason, times]) => (
                  <li key={reason}>
                    {reasonName(reason)} <b className="num">{exact(times)}</b>
                  </li>
                ))}
              </ul>
            )}
          </div>
        ))}
      </div>
      <Gaps system={system} />
    </section>
  );
}

function Fact({ name, value, title, bad }: { name: string; value: string; title?: string; bad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={title} data-bad={bad || undefined}>
        {value}
      </dd>
    </div>
  );
}

function Gaps({ system: { gaps } }: { system: System }) {
  const now = useNow();
  if (gaps === null)
    return <p className="gaps">The traffic store gives no answer: nobody can tell what was accepted and not stored.</p>;
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  if (missing === 0) return <p className="gaps muted">Everything that was accepted is stored, or a dead letter.</p>;
  const newest = Math.max(...gaps.map(gap => gap.last_accepted_at));
  return (
    <p className="gaps">
      <b className="num">{exact(missing)}</b> accepted and not stored yet, what waits in the queue included. The newest
      was accepted {ago(newest, now)}.
    </p>
  );
}
