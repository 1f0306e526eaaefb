/** Durations as people write them: `200ms`, `1.5s`, `>200ms`, `100ms..2s`; a number alone is milliseconds. */
import { significant } from "../../../format/numbers";
import { QueryProblem } from "./lex";

const UNITS: Record<string, number> = { us: 0.001, µs: 0.001, ms: 1, "": 1, s: 1000, m: 60_000, min: 60_000 };
/** What the hub stores is whole microseconds: more than 200 ms is 200.001 ms and above. */
const NEXT_MS = 0.001;

export interface Between {
  min?: number;
  max?: number;
}

function one(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(us|µs|ms|s|min|m)?$/i.exec(text) ?? [];
  if (digits === undefined)
    throw new QueryProblem(`${JSON.stringify(text)} is no duration: write >200ms, <1s or 100ms..2s.`);
  return Number(digits) * (UNITS[(unit ?? "").toLowerCase()] ?? 1);
}

const rounded = (ms: number) => Math.round(ms * 1000) / 1000;

export function parseDuration(text: string): Between {
  const span = text.split("..");
  if (span.length === 2) {
    const [min, max] = [one(span[0] ?? ""), one(span[1] ?? "")];
    if (min > max) throw new QueryProblem(`${text} ends before it begins: the shorter duration comes first.`);
    return { min, max };
  }
  const [, sign, value = ""] = /^(>=|<=|>|<)?(.*)$/s.exec(text) ?? [];
  const ms = one(value);
  if (sign === ">=") return { min: ms };
  if (sign === ">") return { min: rounded(ms + NEXT_MS) };
  if (sign === "<=") return { max: ms };
  if (sign === "<") return { max: rounded(Math.max(0, ms - NEXT_MS)) };
  throw new QueryProblem(
    `Requests that take exactly ${text} are few: write >${text}, <${text} or a span with two dots.`,
  );
}

const written = (ms: number) => (ms >= 1000 && ms % 100 === 0 ? `${significant(ms / 1000)}s` : `${ms}ms`);
/** Whether a limit stands just beyond a rounder number, as `>` and `<` make it. */
const isBeside = (ms: number, side: 1 | -1) => {
  const rounder = rounded(ms - side * NEXT_MS);
  return rounder * 1000 === Math.round(rounder * 1000) && String(rounder).length < String(ms).length;
};

export function writeDuration({ min, max }: Between): string | null {
  if (min !== undefined && max !== undefined) return `${written(min)}..${written(max)}`;
  if (min !== undefined) return isBeside(min, 1) ? `>${written(rounded(min - NEXT_MS))}` : `>=${written(min)}`;
  if (max !== undefined) return isBeside(max, -1) ? `<${written(rounded(max + NEXT_MS))}` : `<=${written(max)}`;
  return null;
}
