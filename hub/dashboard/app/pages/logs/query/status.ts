/** Sets of statuses: `404`, `4xx`, `>=500`, `200..299`, several with commas; as the hub takes them, and as people write them. */
import { QueryProblem } from "./lex";

const LOWEST = 100;
const HIGHEST = 599;
const CLASSES = [1, 2, 3, 4, 5];

const between = (low: number, high: number): number[] =>
  Array.from({ length: Math.max(0, high - low + 1) }, (_, index) => low + index);
const within = (status: number) => Math.min(HIGHEST + 1, Math.max(LOWEST - 1, status));

function part(text: string): number[] {
  const klass = /^([1-5])xx$/i.exec(text)?.[1];
  if (klass !== undefined) return between(Number(klass) * 100, Number(klass) * 100 + 99);
  const span = /^(\d{3})\.\.(\d{3})$/.exec(text);
  if (span) return between(within(Number(span[1])), Math.min(HIGHEST, Number(span[2])));
  const [, sign, digits] = /^(>=|<=|>|<|=)?(\d{3})$/.exec(text) ?? [];
  const status = Number(digits);
  if (digits === undefined || status < LOWEST || status > HIGHEST)
    throw new QueryProblem(`${JSON.stringify(text)} is no status: write 404, 4xx, >=500 or 200..299.`);
  if (sign === ">=") return between(status, HIGHEST);
  if (sign === ">") return between(status + 1, HIGHEST);
  if (sign === "<=") return between(LOWEST, status);
  if (sign === "<") return between(LOWEST, status - 1);
  return [status];
}

export type Statuses = ReadonlySet<number>;

export function parseStatuses(text: string): Statuses {
  return new Set(text.split(",").flatMap(one => part(one.trim())));
}

export const allBut = (statuses: Statuses): Statuses =>
  new Set(between(LOWEST, HIGHEST).filter(status => !statuses.has(status)));

/** As the hub takes them: whole classes by name, the rest one by one, rising. */
export function statusParam(statuses: Statuses): string {
  const parts = CLASSES.flatMap(klass => {
    const codes = between(klass * 100, klass * 100 + 99);
    return codes.every(code => statuses.has(code))
      ? [`${klass}xx`]
      : codes.filter(code => statuses.has(code)).map(String);
  });
  return parts.join(",");
}

/** As people write them. */
export function writeStatuses(param: string): string {
  const statuses = [...parseStatuses(param)].toSorted((a, b) => a - b);
  const [first, last] = [statuses[0], statuses.at(-1)];
  const inOne = first !== undefined && last !== undefined && last - first + 1 === statuses.length;
  if (!inOne || statuses.length === 1 || statuses.length === 100) return param;
  if (last === HIGHEST) return `>=${first}`;
  return first === LOWEST ? `<=${last}` : `${first}..${last}`;
}
