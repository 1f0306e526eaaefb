/** When an environment can be deleted, in words. */
import { span } from "../../../format/time";

/** Why it cannot be deleted yet; null once it can be. */
export function whyNotYet(deletableAt: number | null, now: number): string | null {
  if (deletableAt === null || deletableAt <= now) return null;
  return `Reported lately: deletable in ${span(Math.ceil((deletableAt - now) / 60) * 60)}`;
}
