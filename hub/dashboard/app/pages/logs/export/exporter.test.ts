import { expect, test, vi } from "vitest";
import type { logExport } from "../../../api/logQueries";
import { Exporter, type ExportState } from "./exporter";
import type { Sink } from "./sink";

const WANTED = { appId: "app", search: () => ({ env: "prod" }), format: "ndjson" } as const;

/** An exporter whose reader still chooses a file, until `choose` is called. */
function choosing() {
  const body = new Response("{}\n").body as ReadableStream<Uint8Array<ArrayBuffer>>;
  let pick: (chosen: Sink | null) => void = () => {};
  const picked = new Promise<Sink | null>(resolve => {
    pick = resolve;
  });
  const sink = { write: vi.fn(async () => {}), close: vi.fn(async () => {}), abort: vi.fn(async () => {}) };
  const ask = vi.fn<typeof logExport>(async () => ({ body, rows: 1, rowsMax: null }));
  const told: ExportState["state"][] = [];
  const exporter = new Exporter(
    now => told.push(now.state),
    () => picked,
    ask,
  );
  const ended = exporter.start(WANTED);
  const choose = (chosen: Sink | null = sink) => {
    pick(chosen);
    return ended;
  };
  return { exporter, ask, sink, told, choose };
}

test("what is chosen becomes a file", async () => {
  const { ask, sink, told, choose } = choosing();
  await choose();
  expect(ask).toHaveBeenCalledOnce();
  expect(sink.close).toHaveBeenCalledOnce();
  expect([told[0], told.at(-1)]).toEqual(["running", "done"]);
});

test("who leaves the page while choosing a file starts no export and keeps no empty file", async () => {
  const { exporter, ask, sink, told, choose } = choosing();
  exporter.leave();
  await choose();
  expect(ask).not.toHaveBeenCalled();
  expect(sink.abort).toHaveBeenCalledOnce();
  expect(told).toEqual([]);
});

test("a page that is left and there again, as in strict mode, exports", async () => {
  const { exporter, sink, choose } = choosing();
  exporter.leave();
  exporter.enter();
  await choose();
  expect(sink.close).toHaveBeenCalledOnce();
});

test("no file, no export", async () => {
  const { ask, told, choose } = choosing();
  await choose(null);
  expect(ask).not.toHaveBeenCalled();
  expect(told).toEqual([]);
});

test("leaving the page ends the export that runs, and nothing is said of it", async () => {
  const { exporter, ask, sink, told, choose } = choosing();
  ask.mockImplementation(
    (_app, _search, _format, signal) =>
      new Promise((_, refuse) => signal.addEventListener("abort", () => refuse(signal.reason))),
  );
  const ended = choose();
  await vi.waitFor(() => expect(ask).toHaveBeenCalled());
  exporter.leave();
  await ended;
  expect(sink.abort).toHaveBeenCalledOnce();
  expect(told).toEqual(["running"]);
});
