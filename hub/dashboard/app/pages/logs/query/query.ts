/**
 * The query of the log explorer: one state in the address with two faces, the text that is typed and the filters that are
 * clicked. Method, path, status and consumer are the filters of all pages; durations, trace and text are of this page alone.
 */
import { parseDuration, writeDuration } from "./duration";
import { QueryProblem, type Word, wordsOf } from "./lex";
import { allBut, parseStatuses, type Statuses, statusParam, writeStatuses } from "./status";

/** The parameters of the address that are the query. */
export const QUERY_PARAMS = ["status", "method", "path", "consumer", "min", "max", "trace", "q"] as const;
export type QueryParam = (typeof QUERY_PARAMS)[number];
export type LogQuery = Partial<Record<QueryParam, string>>;

const NAMES = ["status", "method", "path", "consumer", "duration", "trace"] as const;
const TEXT_CHARS_MAX = 500;

export function queryOf(params: URLSearchParams): LogQuery {
  const query: LogQuery = {};
  for (const name of QUERY_PARAMS) {
    const value = params.get(name);
    if (value !== null && value !== "") query[name] = value;
  }
  return query;
}

/** The changes that make the address say `query` and nothing else. */
export const paramsOf = (query: LogQuery): Record<QueryParam, string | null> =>
  Object.fromEntries(QUERY_PARAMS.map(name => [name, query[name] ?? null])) as Record<QueryParam, string | null>;

function statusesOf(words: readonly Word[]): string | undefined {
  const sets = words.map((word): Statuses => {
    const statuses = parseStatuses(word.value);
    return word.excluded ? allBut(statuses) : statuses;
  });
  const [first, ...rest] = sets;
  if (first === undefined) return undefined;
  const common = new Set([...first].filter(status => rest.every(set => set.has(status))));
  if (common.size === 0) throw new QueryProblem("No status fits all of the conditions on it.");
  return statusParam(common);
}

function single(words: readonly Word[], name: string): string | undefined {
  const [first, second] = words;
  if (first === undefined) return undefined;
  if (second !== undefined)
    throw new QueryProblem(`${name} is given twice, ${first.value} and ${second.value}: a request has one.`);
  if (first.value === "") throw new QueryProblem(`Nothing follows ${name}: — write a value right after the colon.`);
  return first.value;
}

function methodOf(words: readonly Word[]): string | undefined {
  const method = single(words, "method");
  if (method !== undefined && !/^[a-z-]+$/i.test(method))
    throw new QueryProblem(`${JSON.stringify(method)} is no method: write one, such as POST.`);
  return method?.toUpperCase();
}

function traceOf(words: readonly Word[]): string | undefined {
  const trace = single(words, "trace");
  if (trace !== undefined && !/^[0-9a-f]{32}$/i.test(trace))
    throw new QueryProblem("A trace id has 32 hexadecimal digits: the second part of a traceparent.");
  return trace?.toLowerCase();
}

/** Words side by side are one text; a text in quotes is one by itself. */
function textOf(words: readonly Word[]): string | undefined {
  const texts: string[] = [];
  let goesOn = false;
  for (const word of words) {
    if (word.name === null && !word.quoted && goesOn) texts.push(`${texts.pop()} ${word.value}`);
    else if (word.name === null) texts.push(word.value);
    goesOn = word.name === null && !word.quoted;
  }
  if (texts.length > 1)
    throw new QueryProblem(
      `Only one text can be searched for at a time, here are ${texts.map(text => JSON.stringify(text)).join(" and ")}.`,
    );
  const [text] = texts;
  if (text !== undefined && text.length > TEXT_CHARS_MAX)
    throw new QueryProblem(`The text is longer than ${TEXT_CHARS_MAX} characters.`);
  return text === "" ? undefined : text;
}

function checkNames(words: readonly Word[]): void {
  for (const { name, value, excluded } of words) {
    if (name === null) continue;
    if (!NAMES.some(known => known === name))
      throw new QueryProblem(
        `There is no filter ${name}. There are ${NAMES.join(", ")}; a text with a colon stands in quotes: "${name}:${value}".`,
      );
    if (excluded && name !== "status")
      throw new QueryProblem(`Only statuses can be excluded, as in -status:404; ${name} cannot.`);
  }
}

/** Reads what was typed; throws a [`QueryProblem`] that says what to write instead. */
export function parseQuery(text: string): LogQuery {
  const words = wordsOf(text);
  checkNames(words);
  const of = (name: (typeof NAMES)[number]) => words.filter(word => word.name === name);
  const duration = single(of("duration"), "duration");
  const { min, max } = duration === undefined ? {} : parseDuration(duration);
  const found = {
    status: statusesOf(of("status")),
    method: methodOf(of("method")),
    path: single(of("path"), "path"),
    consumer: single(of("consumer"), "consumer"),
    min: min === undefined ? undefined : String(min),
    max: max === undefined ? undefined : String(max),
    trace: traceOf(of("trace")),
    q: textOf(words),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

const number = (text: string | undefined) => {
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) || value < 0 ? undefined : value;
};

/** The limits of the duration, without what is no number. */
export function limitsOf({ min, max }: LogQuery): { min?: number; max?: number } {
  const [low, high] = [number(min), number(max)];
  return { ...(low !== undefined && { min: low }), ...(high !== undefined && { max: high }) };
}

const quoted = (value: string) => `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
const bare = (value: string) => (/^[^\s"]+$/.test(value) ? value : quoted(value));

function writeStatus(status: string): string {
  try {
    return writeStatuses(status);
  } catch {
    return bare(status);
  }
}

/** The text that means `query`. */
export function writeQuery(query: LogQuery): string {
  const duration = writeDuration(limitsOf(query));
  const parts = [
    query.status && `status:${writeStatus(query.status)}`,
    query.method && `method:${bare(query.method)}`,
    query.path && `path:${bare(query.path)}`,
    query.consumer && `consumer:${bare(query.consumer)}`,
    duration && `duration:${duration}`,
    query.trace && `trace:${query.trace}`,
    query.q && quoted(query.q),
  ];
  return parts.filter(part => part).join(" ");
}
