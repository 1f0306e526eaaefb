/** How a figure changed since the period before, in words. */
import { significant } from "../../format/numbers";
import type { CardKey, Figure } from "./figures";

export interface Change {
  arrow: "↑" | "↓" | "";
  text: string;
  tone: "good" | "bad" | "plain";
}

/** More of these is worse. */
const WORSE = new Set<CardKey>(["errors", "latency"]);
/** Changes below this share are noise. */
const SAME = 0.005;

export function changeOf(key: CardKey, now: Figure, before: Figure): Change {
  if (before.amount === null || now.amount === null) return { arrow: "", text: "Nothing before", tone: "plain" };
  if (before.amount === 0)
    return now.amount === 0
      ? { arrow: "", text: "As before", tone: "plain" }
      : { arrow: "↑", text: `from ${before.value}`, tone: WORSE.has(key) ? "bad" : "plain" };
  const change = now.amount / before.amount - 1;
  if (Math.abs(change) < SAME) return { arrow: "", text: `As before (${before.value})`, tone: "plain" };
  const rises = change > 0;
  const size = change > 9 ? `${significant(change + 1)}-fold` : `${significant(Math.abs(change) * 100)}\u00a0%`;
  return {
    arrow: rises ? "↑" : "↓",
    text: `${size} from ${before.value}`,
    tone: WORSE.has(key) ? (rises ? "bad" : "good") : "plain",
  };
}
