/** Cuts what was typed into words: `name:value`, with a minus before it, or a text; quotes keep spaces together. */

export interface Word {
  /** The name before the colon; null for a text. */
  name: string | null;
  value: string;
  excluded: boolean;
  quoted: boolean;
  /** Where it stands in what was typed. */
  at: number;
}

export class QueryProblem extends Error {}

const NAME = /^(-?)([a-zA-Z_]+):/;

/** Reads up to the closing quote; `\"` stands for a quote. */
function quotedFrom(text: string, start: number): { value: string; end: number } {
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\\" && (text[at + 1] === '"' || text[at + 1] === "\\")) {
      value += text[at + 1];
      at += 1;
    } else if (char === '"') return { value, end: at + 1 };
    else value += char;
  }
  throw new QueryProblem(`A quote is not closed: ${text.slice(start, start + 20)}`);
}

function valueFrom(text: string, start: number): { value: string; end: number; quoted: boolean } {
  if (text[start] === '"') return { ...quotedFrom(text, start), quoted: true };
  const length = /^\S*/.exec(text.slice(start))?.[0].length ?? 0;
  return { value: text.slice(start, start + length), end: start + length, quoted: false };
}

export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const named = NAME.exec(text.slice(at));
    const start = at + (named?.[0].length ?? 0);
    const { value, end, quoted } = valueFrom(text, start);
    words.push({ name: named?.[2]?.toLowerCase() ?? null, value, excluded: named?.[1] === "-", quoted, at });
    at = end;
  }
  return words;
}
