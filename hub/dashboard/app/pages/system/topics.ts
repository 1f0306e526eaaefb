/** The queue's topics with what all workers say of each. */
import type { System } from "../../api/model";

export interface Topic {
  topic: string;
  depth: number;
  oldestAgeMs: number | null;
  consumers: number;
  deadLetters: number;
  stored: number;
  /** The worst of the workers. */
  insertLagMs: number | null;
  /** What can never be stored, by reason, since the workers started; the most first. */
  reasons: [string, number][];
}

export function topicsOf({ queue, processes }: Pick<System, "queue" | "processes">): Topic[] {
  const workers = processes.filter(one => !one.silent).flatMap(one => one.state.workers ?? []);
  return (queue?.topics ?? []).map(state => {
    const own = workers.filter(worker => worker.topic === state.topic);
    const lags = own.flatMap(worker => worker.insert_lag_ms ?? []);
    const reasons = new Map<string, number>();
    for (const [reason, times] of own.flatMap(worker => Object.entries(worker.dead_letters ?? {})))
      reasons.set(reason, (reasons.get(reason) ?? 0) + times);
    return {
      topic: state.topic ?? "",
      depth: state.depth ?? 0,
      oldestAgeMs: state.oldest_age_ms ?? null,
      consumers: state.consumers ?? 0,
      deadLetters: state.dead_letters ?? 0,
      stored: own.reduce((sum, worker) => sum + (worker.stored ?? 0), 0),
      insertLagMs: lags.length > 0 ? Math.max(...lags) : null,
      reasons: [...reasons].sort(([, a], [, b]) => b - a),
    };
  });
}
