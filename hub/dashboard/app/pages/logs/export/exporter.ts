/**
 * Runs exports for `useExport`, one at a time: from the choice of a file to the file, or to nothing left behind. Once the page is
 * left none runs, and none begins: the hub does few at a time.
 */
import { ApiProblem } from "../../../api/client";
import { type LogSearch, logExport } from "../../../api/logQueries";
import { copyInto, type Progress } from "./copy";
import type { Format } from "./format";
import { openSink, type Sink } from "./sink";

export type ExportState =
  | { state: "idle" }
  | (Progress & { state: "running"; total: number | null })
  /** `cutAt`: the most that a file holds, where this one ends there. */
  | (Progress & { state: "done"; name: string; cutAt: number | null })
  | (Progress & { state: "failed"; problem: ApiProblem; retry: () => void });

export interface Wanted {
  appId: string;
  /** What is looked at when the export begins, and when it is tried again. */
  search: () => LogSearch;
  format: Format;
}

interface Begun {
  sink: Sink;
  name: string;
  question: LogSearch;
  stop: AbortController;
}

/** The display follows at this pace, however fast the chunks come. */
const TOLD_EVERY_MS = 100;
const NOTHING: Progress = { rows: 0, bytes: 0 };

export class Exporter {
  private running: AbortController | null = null;
  private isLeft = false;

  constructor(
    private readonly tell: (state: ExportState) => void,
    private readonly open = openSink,
    private readonly ask = logExport,
  ) {}

  /** The page is there, perhaps again. */
  enter(): void {
    this.isLeft = false;
  }

  /** The page is gone, perhaps while the reader still chooses a file. */
  leave(): void {
    this.isLeft = true;
    this.running?.abort();
  }

  /** Ends what is under way, or takes away what is said of it. */
  dismiss(): void {
    this.running?.abort();
    this.running = null;
    this.tell({ state: "idle" });
  }

  async start(wanted: Wanted): Promise<void> {
    const question = wanted.search();
    const name = `request-logs-${question.env}.${wanted.format}`;
    const sink = await this.open(name, wanted.format);
    if (sink === null) return;
    if (this.isLeft) return giveUp(sink);
    this.running?.abort();
    const stop = new AbortController();
    this.running = stop;
    await this.fill({ sink, name, question, stop }, wanted);
  }

  private async fill({ sink, name, question, stop }: Begun, wanted: Wanted): Promise<void> {
    const { appId, format } = wanted;
    let far = NOTHING;
    let total: number | null = null;
    let toldAt = 0;
    const show = (state: ExportState) => this.running === stop && this.tell(state);
    show({ state: "running", ...far, total });
    try {
      const { body, rows, rowsMax } = await this.ask(appId, question, format, stop.signal);
      total = rows;
      far = await copyInto(sink, body, format, progress => {
        far = progress;
        if (performance.now() - toldAt < TOLD_EVERY_MS) return;
        toldAt = performance.now();
        show({ state: "running", ...far, total });
      });
      show({ state: "done", ...far, name, cutAt: rowsMax !== null && far.rows >= rowsMax ? rowsMax : null });
    } catch (error) {
      await giveUp(sink);
      if (!stop.signal.aborted)
        show({ state: "failed", ...far, problem: asProblem(error), retry: () => void this.start(wanted) });
    }
  }
}

const giveUp = (sink: Sink) => sink.abort().catch(() => undefined);

function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof TypeError) return new ApiProblem(0, "The answer broke off", "The hub ended it half-way.");
  return new ApiProblem(0, "The file could not be written", error instanceof Error ? error.message : String(error));
}
