/** One export at a time, beside the page: it goes on while the reader looks further, and ends when the page is left. */
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem } from "../../../api/client";
import { type LogSearch, logExport } from "../../../api/logQueries";
import { copyInto, type Progress } from "./copy";
import type { Format } from "./format";
import { openSink } from "./sink";

export type ExportState =
  | { state: "idle" }
  | (Progress & { state: "running"; total: number | null })
  /** `cutAt`: the most that a file holds, where this one ends there. */
  | (Progress & { state: "done"; name: string; cutAt: number | null })
  | (Progress & { state: "failed"; problem: ApiProblem; retry: () => void });

export interface Export {
  now: ExportState;
  start: (format: Format) => void;
  /** Ends what is under way, or takes away what is said of it. */
  dismiss: () => void;
}

/** The display follows at this pace, however fast the chunks come. */
const TOLD_EVERY_MS = 100;
const NOTHING: Progress = { rows: 0, bytes: 0 };

export function useExport(appId: string, search: () => LogSearch): Export {
  const [now, setNow] = useState<ExportState>({ state: "idle" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = useCallback(
    async (format: Format) => {
      const question = search();
      const name = `request-logs-${question.env}.${format}`;
      const sink = await openSink(name, format);
      if (sink === null) return;
      running.current?.abort();
      const stop = new AbortController();
      running.current = stop;
      let far = NOTHING;
      let total: number | null = null;
      let toldAt = 0;
      const show = (state: ExportState) => running.current === stop && setNow(state);
      show({ state: "running", ...far, total });
      try {
        const { body, rows, rowsMax } = await logExport(appId, question, format, stop.signal);
        total = rows;
        far = await copyInto(sink, body, format, progress => {
          far = progress;
          if (performance.now() - toldAt < TOLD_EVERY_MS) return;
          toldAt = performance.now();
          show({ state: "running", ...far, total });
        });
        show({ state: "done", ...far, name, cutAt: rowsMax !== null && far.rows >= rowsMax ? rowsMax : null });
      } catch (error) {
        await sink.abort().catch(() => undefined);
        if (!stop.signal.aborted)
          show({ state: "failed", ...far, problem: asProblem(error), retry: () => void start(format) });
      }
    },
    [appId, search],
  );

  const dismiss = useCallback(() => {
    running.current?.abort();
    running.current = null;
    setNow({ state: "idle" });
  }, []);
  return { now, start: format => void start(format), dismiss };
}

function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof TypeError) return new ApiProblem(0, "The answer broke off", "The hub ended it half-way.");
  return new ApiProblem(0, "The file could not be written", error instanceof Error ? error.message : String(error));
}
