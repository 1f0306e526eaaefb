/** Fetches what may be looked at next, so that it is there at once, also when the hub is not. */
import { useEffect } from "react";
import { useApps } from "../api/apps";
import type { Fetched } from "./later";

/** The first page has its own data by then. */
const SETTLE_MS = 1000;

const sleep = (ms: number) => new Promise<void>(done => setTimeout(done, ms));

/** Safari knows no idle callbacks: a pause does there. */
const idle = () =>
  typeof requestIdleCallback === "function" ? new Promise<unknown>(done => requestIdleCallback(done)) : sleep(200);

/** One after the other, each when the browser is idle. Ends with the first that cannot be fetched: it is asked for when needed. */
export async function fetchAhead(all: readonly Fetched[], stop: AbortSignal, whenIdle = idle): Promise<void> {
  for (const one of all) {
    await whenIdle();
    if (stop.aborted) return;
    try {
      await one.fetch();
    } catch {
      return;
    }
  }
}

/** Begins when the page that is looked at has its first data. */
export function useFetchAhead(all: readonly Fetched[]): void {
  const isThere = useApps().data !== null;
  useEffect(() => {
    if (!isThere) return;
    const stop = new AbortController();
    void sleep(SETTLE_MS).then(() => fetchAhead(all, stop.signal));
    return () => stop.abort();
  }, [isThere, all]);
}
