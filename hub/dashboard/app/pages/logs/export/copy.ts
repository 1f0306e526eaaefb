/** Brings an answer of the hub into a file, telling how far it is. */
import { type Format, RowCounter } from "./format";
import type { Sink } from "./sink";

export interface Progress {
  rows: number;
  bytes: number;
}

/** Fails when the answer breaks off, is told to, or cannot be written; the sink is then left open. */
export async function copyInto(
  sink: Sink,
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  format: Format,
  tell: (progress: Progress) => void,
): Promise<Progress> {
  const counter = new RowCounter(format);
  const reader = body.getReader();
  let bytes = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      await sink.write(read.value);
      counter.add(read.value);
      bytes += read.value.length;
      tell({ rows: counter.rows, bytes });
    }
    await sink.close();
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    throw error;
  }
  return { rows: counter.rows, bytes };
}
