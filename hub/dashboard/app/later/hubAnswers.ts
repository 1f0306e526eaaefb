/** Whether the hub answers at all: asked for the shell of the dashboard, which needs no log-in and no store. */
import { addressOf } from "../url/location";

const PATIENCE_MS = 5000;

export function hubAnswers(): Promise<boolean> {
  const asked = fetch(addressOf("/"), { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  return asked.then(
    response => response.ok,
    () => false,
  );
}
