/** JSON as a tree for the eye. Numbers keep the letters they came with: a long id must not lose its last digits. */

export type Json =
  | { kind: "object"; entries: [string, Json][] }
  | { kind: "array"; items: Json[] }
  | { kind: "string"; text: string }
  | { kind: "plain"; text: string };

/** Deeper than this is no body of an API, and would fill the stack. */
const DEPTH_MAX = 200;

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const SPACE = /\s*/y;
const WORD = /true|false|null/y;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): Json {
    const value = this.value(0);
    this.take(SPACE);
    if (this.at < this.text.length) throw new SyntaxError("more follows");
    return value;
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }

  private sign(char: string): boolean {
    this.take(SPACE);
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  private must(char: string): void {
    if (!this.sign(char)) throw new SyntaxError(`${char} is missing`);
  }

  private string(): string | null {
    this.take(SPACE);
    const quoted = this.take(STRING);
    return quoted === null ? null : (JSON.parse(quoted) as string);
  }

  private value(depth: number): Json {
    if (depth > DEPTH_MAX) throw new SyntaxError("too deep");
    if (this.sign("{")) return { kind: "object", entries: this.list("}", () => this.entry(depth)) };
    if (this.sign("[")) return { kind: "array", items: this.list("]", () => this.value(depth + 1)) };
    const text = this.string();
    if (text !== null) return { kind: "string", text };
    const plain = this.take(WORD) ?? this.take(NUMBER);
    if (plain === null) throw new SyntaxError("no value");
    return { kind: "plain", text: plain };
  }

  private entry(depth: number): [string, Json] {
    const name = this.string();
    if (name === null) throw new SyntaxError("no name");
    this.must(":");
    return [name, this.value(depth + 1)];
  }

  private list<T>(end: string, one: () => T): T[] {
    const found: T[] = [];
    if (this.sign(end)) return found;
    do found.push(one());
    while (this.sign(","));
    this.must(end);
    return found;
  }
}

/** Null where the text is no JSON object or array: such a text is shown as it is. */
export function parseJson(text: string): Json | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return new Reader(text).whole();
  } catch {
    return null;
  }
}

export const sizeOf = (json: Json) =>
  json.kind === "object" ? json.entries.length : json.kind === "array" ? json.items.length : 0;
