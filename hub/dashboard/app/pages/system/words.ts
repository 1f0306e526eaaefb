/** The names of the hub's own things as people read them. What is not known here is shown by its own name. */
import type { WatchdogState } from "../../api/model";

/** What a watchdog is called when all is well, and when it is not. */
const WATCHDOGS: Record<string, readonly [string, string]> = {
  queue_unreachable: ["The queue can be reached", "The queue cannot be reached"],
  no_consumer: ["Somebody takes from the queue", "Nobody takes from the queue"],
  queue_age: ["Nothing waits long in the queue", "Something waits long in the queue"],
  queue_depth: ["The queue is short", "The queue is long"],
  dead_letters: ["No dead letters", "There are dead letters"],
  accepted_not_stored: ["What was accepted is stored", "Something accepted is not stored"],
  insert_lag: ["Storing keeps up", "Storing does not keep up"],
  breaker_open: ["The broker answers", "The broker does not answer"],
  worker_down: ["Workers run", "A worker is down"],
  worker_paused: ["Workers are not held up", "A worker waits for a store"],
  process_silent: ["All processes report", "A process is silent"],
  no_worker: ["There is a worker", "There is no worker"],
  no_ingest: ["There is an ingest", "There is no ingest"],
  disk_full: ["There is room on the disk", "The disk is nearly full"],
  mixed_versions: ["All processes run one version", "Processes run different versions"],
};

const TOPICS: Record<string, string> = { reports: "Reports", request_logs: "Request logs" };

const sentence = (name: string) => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export function watchdogName(name: string, state: WatchdogState["state"]): string {
  const [well, wrong] = WATCHDOGS[name] ?? [sentence(name), sentence(name)];
  return state === "alarm" || state === "pending" ? wrong : well;
}

export const topicName = (topic: string) => TOPICS[topic] ?? sentence(topic);
export const reasonName = sentence;

export const LIGHTS: Record<WatchdogState["state"], { text: string; tone: "bad" | "warn" | "off" | "good" }> = {
  alarm: { text: "Alarm", tone: "bad" },
  pending: { text: "Not for long yet", tone: "warn" },
  unknown: { text: "Nobody can tell", tone: "off" },
  ok: { text: "Well", tone: "good" },
};
