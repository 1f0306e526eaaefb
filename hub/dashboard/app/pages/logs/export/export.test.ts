import { expect, test, vi } from "vitest";
import type { LogRow } from "../../../api/model";
import { copyInto } from "./copy";
import { RowCounter } from "./format";
import { logsCsv, logsNdjson } from "./loaded";
import { memorySink, type Sink } from "./sink";

const bytesOf = (text: string) => new TextEncoder().encode(text);

function counted(format: "csv" | "ndjson", ...chunks: string[]): number {
  const counter = new RowCounter(format);
  for (const chunk of chunks) counter.add(bytesOf(chunk));
  return counter.rows;
}

test("rows are counted as they come, the head of a CSV is none", () => {
  expect(counted("csv")).toBe(0);
  expect(counted("csv", "id,path\r\n")).toBe(0);
  expect(counted("csv", "id,path\r\n1,/a\r", "\n2,/b\r\n3,")).toBe(2);
  expect(counted("ndjson", "{}\n{", "}\n")).toBe(2);
});

test("a line break within quotes ends no row of a CSV, wherever the chunks are cut", () => {
  const text = 'id,url\r\n1,"/a\nb ""c""\n"\r\n2,"/\n"\r\n';
  expect(counted("csv", text)).toBe(2);
  expect(counted("csv", ...text)).toBe(2);
  expect(counted("ndjson", '{"a":"\\"\\n"}\n')).toBe(1);
});

function saved() {
  const save = vi.fn<(name: string, blob: Blob) => void>();
  return { save, sink: memorySink("logs.ndjson", "application/x-ndjson", save) };
}

const streamOf = (chunks: string[], end: (controller: ReadableStreamDefaultController) => void) => {
  const left = chunks.map(bytesOf);
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: controller => {
      const chunk = left.shift();
      if (chunk) controller.enqueue(chunk);
      else end(controller);
    },
  });
};

test("an answer becomes a file, whole, and tells how far it is", async () => {
  const { save, sink } = saved();
  const told: number[] = [];
  const body = streamOf(["{}\n", "{}\n{}\n"], controller => controller.close());
  const end = await copyInto(sink, body, "ndjson", progress => told.push(progress.rows));
  expect([end, told]).toEqual([{ rows: 3, bytes: 9 }, [1, 3]]);
  const [name, blob] = save.mock.calls[0] ?? [];
  expect([name, await blob?.text()]).toEqual(["logs.ndjson", "{}\n{}\n{}\n"]);
});

test("an answer that breaks off leaves no file behind", async () => {
  const { save, sink } = saved();
  const body = streamOf(["{}\n"], controller => controller.error(new TypeError("network error")));
  await expect(copyInto(sink, body, "ndjson", () => {})).rejects.toThrow("network error");
  expect(save).not.toHaveBeenCalled();
});

test("what was given up is nowhere", async () => {
  const { save, sink } = saved();
  await sink.write(bytesOf("{}\n"));
  await sink.abort();
  await sink.close();
  expect(await save.mock.calls[0]?.[1].text()).toBe("");
});

test("a file that cannot be written ends the answer", async () => {
  const cancelled = vi.fn();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: controller => controller.enqueue(bytesOf("{}\n")),
    cancel: cancelled,
  });
  const full: Sink = {
    write: () => Promise.reject(new Error("disk full")),
    close: async () => {},
    abort: async () => {},
  };
  await expect(copyInto(full, body, "ndjson", () => {})).rejects.toThrow("disk full");
  expect(cancelled).toHaveBeenCalled();
});

test("what is loaded becomes a file that is safe for a spreadsheet", () => {
  const row: LogRow = {
    id: "a",
    time_us: 1_000_000,
    method: "GET",
    path: "/a",
    url: "=cmd()",
    status: 200,
    duration_ms: 1.5,
    consumer: { consumer_id: "7", identifier: "acme", name: null, group: null },
    client_address: null,
    trace_id: null,
    request_bytes: null,
    response_bytes: 7,
  };
  expect(logsCsv([row]).split("\r\n")[1]).toBe("1970-01-01T00:00:01.000Z,a,GET,/a,'=cmd(),200,1.5,acme,,,7,");
  expect(JSON.parse(logsNdjson([row]))).toMatchObject({ time: "1970-01-01T00:00:01.000Z", url: "=cmd()", status: 200 });
});
