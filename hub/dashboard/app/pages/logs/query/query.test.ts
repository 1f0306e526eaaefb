import { describe, expect, test } from "vitest";
import { QueryProblem } from "./lex";
import { limitsOf, paramsOf, parseQuery, queryOf, writeQuery } from "./query";

const problem = (text: string): string => {
  try {
    parseQuery(text);
  } catch (error) {
    if (error instanceof QueryProblem) return error.message;
    throw error;
  }
  return "no problem";
};

describe("what can be typed", () => {
  test.each([
    ["", {}],
    ["status:404", { status: "404" }],
    ["status:5XX", { status: "5xx" }],
    ["status:>=500", { status: "5xx" }],
    ["status:>=400", { status: "4xx,5xx" }],
    ["status:404,500", { status: "404,500" }],
    ["status:>=400 -status:5xx", { status: "4xx" }],
    ["-status:2xx,3xx", { status: "1xx,4xx,5xx" }],
    ["method:post", { method: "POST" }],
    ["path:/orders*", { path: "/orders*" }],
    ['consumer:"Acme Stores"', { consumer: "Acme Stores" }],
    ["duration:>=200ms", { min: "200" }],
    ["duration:>200ms", { min: "200.001" }],
    ["duration:<1s", { max: "999.999" }],
    ["duration:100ms..2s", { min: "100", max: "2000" }],
    ["connection refused", { q: "connection refused" }],
    ['"say \\"hi\\""', { q: 'say "hi"' }],
    ['status:500 "http://x"', { status: "500", q: "http://x" }],
    ["trace:4BF92F3577B34DA6A3CE929D0E0E4736", { trace: "4bf92f3577b34da6a3ce929d0e0e4736" }],
  ])("%s", (text, query) => expect(parseQuery(text)).toEqual(query));
});

describe("what cannot be understood says what to write", () => {
  test.each([
    ["status:abc", "write 404, 4xx, >=500 or 200..299"],
    ["status:700", "is no status"],
    ["status:404 status:500", "No status fits"],
    ["duration:200ms", "write >200ms"],
    ["duration:fast", "is no duration"],
    ["duration:2s..1s", "shorter duration comes first"],
    ["method:POST method:PUT", "given twice, POST and PUT"],
    ["path:", "right after the colon"],
    ["user:7", "There is no filter user"],
    ["http://x", 'stands in quotes: "http://x"'],
    ["-path:/health", "Only statuses can be excluded"],
    ['"never closed', 'A quote is not closed: "never closed'],
    ['"one" "two"', "Only one text"],
    ["trace:12", "32 hexadecimal digits"],
    ["method:P0ST!", "is no method"],
  ])("%s", (text, says) => expect(problem(text)).toContain(says));
});

test("what was typed is written back in one form, which means the same", () => {
  for (const [typed, written] of [
    ["status:>=500", "status:5xx"],
    ["status:>=400", "status:>=400"],
    ["status:>404", "status:>=405"],
    ["status:200..204", "status:200..204"],
    ["timeout duration:>200ms method:get", 'method:GET duration:>200ms "timeout"'],
    ["duration:<=1.5s", "duration:<=1.5s"],
    ["duration:>=250us", "duration:>=0.25ms"],
    ['consumer:"a \\"b\\" \\\\ c"', 'consumer:"a \\"b\\" \\\\ c"'],
  ] as const) {
    const query = parseQuery(typed);
    expect(writeQuery(query)).toBe(written);
    expect(parseQuery(written)).toEqual(query);
  }
});

test("the address holds the query, and takes what is not part of it away", () => {
  const query = parseQuery("status:404 timeout");
  expect(queryOf(new URLSearchParams("status=404&q=timeout&env=prod&path="))).toEqual(query);
  expect(paramsOf(query)).toMatchObject({ status: "404", q: "timeout", method: null, min: null });
});

test("an address that somebody broke does no harm", () => {
  expect(limitsOf(queryOf(new URLSearchParams("min=abc&max=-1")))).toEqual({});
  expect(writeQuery({ status: "nonsense" })).toBe("status:nonsense");
});
