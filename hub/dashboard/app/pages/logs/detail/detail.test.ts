import { expect, test } from "vitest";
import { curlOf } from "./curl";
import { parseJson } from "./json";
import { countMasked, missingText } from "./missing";
import { type LogSpan, rowsOf, wholeMs } from "./spans";

const half = (headers: [string, string][], text: string | null = null) => ({
  headers: headers.map(([name, value]) => ({ name, value })),
  body: { bytes: null, text, missing: null },
});
const span = (id: number, parent: number | null, offset_ms: number, duration_ms: number | null): LogSpan => ({
  id,
  parent,
  name: `s${id}`,
  target: "",
  offset_ms,
  duration_ms,
  busy_ms: null,
  failed: false,
  fields: [],
});

test("a curl command survives quotes, and leaves out what curl sets itself", () => {
  const request = half(
    [
      ["Host", "api.example.com"],
      ["Content-Length", "9"],
      ["X-Note", "it's; $(rm -rf /)"],
    ],
    '{"a":"\'"}',
  );
  expect(curlOf({ method: "POST", url: "/orders?q=1", request })).toBe(
    [
      `curl -X 'POST' 'http://api.example.com/orders?q=1'`,
      `-H 'X-Note: it'\\''s; $(rm -rf /)'`,
      `--data-raw '{"a":"'\\''"}'`,
    ].join(" \\\n  "),
  );
  const proxied = half([
    ["host", "inner"],
    ["x-forwarded-host", "outer"],
    ["x-forwarded-proto", "https"],
  ]);
  expect(curlOf({ method: "GET", url: "/", request: proxied })).toContain("curl 'https://outer/'");
});

test("numbers keep their letters, and what is no JSON object is no tree", () => {
  expect(parseJson('{"id": 12345678901234567890, "a": [1.10, null, "x\\n"]}')).toEqual({
    kind: "object",
    entries: [
      ["id", { kind: "plain", text: "12345678901234567890" }],
      [
        "a",
        {
          kind: "array",
          items: [
            { kind: "plain", text: "1.10" },
            { kind: "plain", text: "null" },
            { kind: "string", text: "x\n" },
          ],
        },
      ],
    ],
  });
  for (const text of ["plain", '"text"', "{", '{"a":}', "[1,]", "{} more", "[".repeat(5000)])
    expect(parseJson(text), text.slice(0, 9)).toBeNull();
});

test("spans stand below the one around them; what lasts on reaches the end", () => {
  const rows = rowsOf([span(1, null, 0, 80), span(3, 1, 50, null), span(2, 1, 10, 20), span(4, 99, 90, 5)], 100);
  expect(rows.map(({ span: { id }, depth, left, width }) => [id, depth, left, width])).toEqual([
    [1, 0, 0, 0.8],
    [2, 1, 0.1, 0.2],
    [3, 1, 0.5, 0.5],
    [4, 0, 0.9, 0.05],
  ]);
  expect(wholeMs(100, [span(1, null, 90, 60)])).toBe(150);
});

test("a ring of parents shows every span once", () => {
  expect(
    rowsOf([span(1, 2, 0, 1), span(2, 1, 0, 1), span(3, 3, 0, 1)], 1)
      .map(row => row.span.id)
      .toSorted(),
  ).toEqual([1, 2, 3]);
});

test("every reason why a body is missing is told, also one of a newer SDK", () => {
  expect(missingText("too_large")).toContain("50,000");
  expect(missingText("__proto__")).toContain("does not know");
  expect(countMasked('{"a":"******","b":"******"}')).toBe(2);
});
