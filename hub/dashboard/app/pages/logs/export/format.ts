/** The two forms of an export, and how many requests a stream of one has told of so far. */

export type Format = "csv" | "ndjson";

export const FORMATS: Record<Format, { label: string; type: string }> = {
  csv: { label: "CSV", type: "text/csv" },
  ndjson: { label: "JSON lines", type: "application/x-ndjson" },
};

const [QUOTE, LINE_END] = [0x22, 0x0a];

/** Counts the requests in the bytes of a file as they come. A line break within quotes ends no row of a CSV. */
export class RowCounter {
  private lines = 0;
  private isQuoted = false;

  constructor(private readonly format: Format) {}

  add(bytes: Uint8Array): void {
    const hasQuotes = this.format === "csv";
    for (const byte of bytes) {
      if (hasQuotes && byte === QUOTE) this.isQuoted = !this.isQuoted;
      else if (byte === LINE_END && !this.isQuoted) this.lines += 1;
    }
  }

  get rows(): number {
    return Math.max(0, this.lines - Number(this.format === "csv"));
  }
}
