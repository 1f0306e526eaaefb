/** Asks for the list: its first page, older pages as the reader comes near the end, and newer requests while time goes on. */
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem } from "../../../api/client";
import { type LogSearch, logPage } from "../../../api/logQueries";
import type { LogRow } from "../../../api/model";
import { useRefreshTick } from "../../../api/refresh";
import { NONE, newerThan, type Rows, withNewer, withOlder } from "./pages";

const PAGE = 200;
/** How far back newer ones are looked for: a request that takes this long is told of this late. */
const LATE_SECS = 120;
const LIVE_MS = 2000;
const NEWER_MAX = 1000;

export interface Logs extends Rows {
  /** Newer requests that are not in the list yet. */
  newer: readonly LogRow[];
  loading: boolean;
  problem: ApiProblem | null;
  /** Shows the newer ones. */
  takeNewer: () => void;
  /** Asks for older ones. */
  goOn: () => void;
  retry: () => void;
}

interface Asking {
  appId: string;
  /** Names the question without the clock. */
  key: string;
  search: () => LogSearch;
  /** Whether the range moves with the clock: a fixed one gets no newer requests. */
  moving: boolean;
  live: boolean;
}

const asProblem = (error: unknown) =>
  error instanceof ApiProblem ? error : new ApiProblem(0, "Something went wrong", String(error));

export function useLogs({ appId, key, search, moving, live }: Asking): Logs {
  const [held, setHeld] = useState<Rows & { key: string | null }>({ ...NONE, key: null });
  const [newer, setNewer] = useState<readonly LogRow[]>([]);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [loading, setLoading] = useState(true);
  const [attempt, setAttempt] = useState(0);
  const asked = useRef<LogSearch | null>(null);
  const latest = useRef({ search, held });
  latest.current = { search, held };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a retry asks the same question again
  useEffect(() => {
    const stop = new AbortController();
    const question = latest.current.search();
    asked.current = question;
    setLoading(true);
    setNewer([]);
    logPage(appId, question, { limit: PAGE }, stop.signal).then(
      page => {
        if (stop.signal.aborted) return;
        setHeld({ ...withOlder(NONE, page), key });
        setProblem(null);
        setLoading(false);
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        setProblem(asProblem(error));
        setLoading(false);
      },
    );
    return () => stop.abort();
  }, [appId, key, attempt]);

  const goOn = useCallback(() => {
    const { held: shown } = latest.current;
    if (shown.next === null || asked.current === null) return;
    const question = asked.current;
    setLoading(true);
    logPage(appId, question, { limit: PAGE, next: shown.next }, new AbortController().signal).then(
      page => {
        if (asked.current !== question) return;
        setHeld(before => ({ ...withOlder(before, page), key: before.key }));
        setProblem(null);
        setLoading(false);
      },
      (error: unknown) => {
        if (asked.current !== question) return;
        setProblem(asProblem(error));
        setLoading(false);
      },
    );
  }, [appId]);

  const tick = useRefreshTick();
  const isThere = held.key === key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: every tick looks for newer ones
  useEffect(() => {
    if (!moving || !isThere) return;
    const stop = new AbortController();
    const look = async () => {
      const { search: newest, held: shown } = latest.current;
      const question = newest();
      const top = shown.rows[0]?.time_us;
      const from = top === undefined ? Number(question.from) : Math.floor(top / 1_000_000) - LATE_SECS;
      const window = { ...question, from: String(Math.max(Number(question.from), from)) };
      const page = await logPage(appId, window, { limit: NEWER_MAX }, stop.signal);
      if (!stop.signal.aborted) setNewer(newerThan(latest.current.held.rows, page.data));
    };
    // What fails here is asked again soon; the list says itself when it cannot be loaded.
    const lookAgain = () => void look().catch(() => undefined);
    lookAgain();
    const timer = live ? setInterval(lookAgain, LIVE_MS) : undefined;
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [appId, key, moving, live, isThere, tick]);

  const takeNewer = useCallback(() => {
    setHeld(before => ({ ...withNewer(before, newer), key: before.key }));
    setNewer([]);
  }, [newer]);
  const retry = useCallback(() => setAttempt(before => before + 1), []);
  return { ...held, newer, loading, problem, takeNewer, goOn, retry };
}
