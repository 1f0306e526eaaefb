/**
 * Where an export goes: straight into a file that the reader chose, where the browser can write one as it comes; else into memory,
 * and from there to the downloads.
 */
import { saveBlob } from "../../../format/csv";
import { FORMATS, type Format } from "./format";

export interface Sink {
  write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
  /** Everything is there: now it is a file. */
  close: () => Promise<void>;
  /** Leaves nothing behind. */
  abort: () => Promise<void>;
}

/** What TypeScript's library does not know of the File System API. */
type Handle = FileSystemFileHandle & { remove?: () => Promise<void> };
type Picker = (options: { suggestedName: string; types: { accept: Record<string, string[]> }[] }) => Promise<Handle>;

/** Asks for the file; null when the reader thought better of it. To be called from a click, as browsers demand. */
export async function openSink(name: string, format: Format): Promise<Sink | null> {
  const { type } = FORMATS[format];
  const pick = (window as { showSaveFilePicker?: Picker }).showSaveFilePicker;
  if (pick === undefined) return memorySink(name, type);
  try {
    return await fileSink(await pick({ suggestedName: name, types: [{ accept: { [type]: [`.${format}`] } }] }));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    // Not allowed here, such as in a frame: it works without.
    return memorySink(name, type);
  }
}

async function fileSink(handle: Handle): Promise<Sink> {
  const file = await handle.createWritable();
  return {
    write: bytes => file.write(bytes),
    close: () => file.close(),
    abort: async () => {
      await file.abort();
      // Choosing it has emptied it.
      await handle.remove?.();
    },
  };
}

/** Chunks are put together at this size: browsers keep large blobs on the disk. */
const PART_BYTES = 8 * 1024 * 1024;

export function memorySink(name: string, type: string, save = saveBlob): Sink {
  let parts: Blob[] = [];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let held = 0;
  const gather = () => {
    parts.push(new Blob(chunks));
    chunks = [];
    held = 0;
  };
  return {
    write: async bytes => {
      chunks.push(bytes);
      held += bytes.length;
      if (held >= PART_BYTES) gather();
    },
    close: async () => {
      gather();
      save(name, new Blob(parts, { type: `${type};charset=utf-8` }));
      parts = [];
    },
    abort: async () => {
      parts = [];
      chunks = [];
    },
  };
}
