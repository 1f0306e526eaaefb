/**
 * Asks the hub and keeps the answer on screen: while a newer one is on its way, when the question changes, and when the hub
 * fails. A refresh (`useRefreshTick`) asks again; a question that nobody waits for any more is aborted.
 */
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem } from "./client";
import { useRefreshTick } from "./refresh";

export interface Answer<T> {
  /** The newest answer, perhaps to the question before. */
  data: T | null;
  /** Why the newest question has no answer. */
  problem: ApiProblem | null;
  /** Whether `data` answers another question than the one asked now. */
  outdated: boolean;
  loading: boolean;
  retry: () => void;
}

interface Held<T> {
  key: string | null;
  data: T | null;
  problem: ApiProblem | null;
  loading: boolean;
}

/** Answers by key, so that going back shows the page as it was at once. */
const remembered = new Map<string, unknown>();
const REMEMBERED_MAX = 40;

function remember(key: string, data: unknown): void {
  remembered.delete(key);
  remembered.set(key, data);
  const oldest = remembered.keys().next().value;
  if (remembered.size > REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
}

/** Forgets everything: another person may be logging in. */
export function forgetAnswers(): void {
  remembered.clear();
}

/**
 * `key` names the question: everything that the answer depends on, except the clock. A null key asks nothing.
 * `ask` is called at once, and again with every refresh.
 */
export function useQuery<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [held, setHeld] = useState<Held<T>>(() => recall<T>(key));
  const [attempt, setAttempt] = useState(0);
  const tick = useRefreshTick();
  const latestAsk = useRef(ask);
  latestAsk.current = ask;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a tick and a retry ask the same question again
  useEffect(() => {
    if (key === null) return;
    const stop = new AbortController();
    setHeld(before => ({ ...(remembered.has(key) ? recall<T>(key) : before), loading: true }));
    latestAsk.current(stop.signal).then(
      data => {
        if (stop.signal.aborted) return;
        remember(key, data);
        setHeld({ key, data, problem: null, loading: false });
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const problem = error instanceof ApiProblem ? error : new ApiProblem(0, "Something went wrong", String(error));
        setHeld(before => ({ ...before, problem, loading: false }));
      },
    );
    return () => stop.abort();
  }, [key, tick, attempt]);

  const retry = useCallback(() => setAttempt(before => before + 1), []);
  return { data: held.data, problem: held.problem, loading: held.loading, outdated: held.key !== key, retry };
}

function recall<T>(key: string | null): Held<T> {
  const data = key === null ? undefined : (remembered.get(key) as T | undefined);
  return data === undefined
    ? { key: null, data: null, problem: null, loading: key !== null }
    : { key, data, problem: null, loading: false };
}
