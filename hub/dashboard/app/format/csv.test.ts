import { expect, test } from "vitest";
import { toCsv } from "./csv";

test("numbers are plain and what is not known is empty", () => {
  expect(
    toCsv(
      ["a", "b"],
      [
        [1.5, null],
        [0, undefined],
      ],
    ),
  ).toBe("a,b\r\n1.5,\r\n0,\r\n");
});

test("separators, quotes and line ends are quoted", () => {
  expect(toCsv(["path"], [['/a,"b"'], ["x\ny"]])).toBe('path\r\n"/a,""b"""\r\n"x\ny"\r\n');
});

test("a text that a spreadsheet would take for a formula stays a text", () => {
  for (const text of ["=1+1", "+1", "-1", "@cmd"]) expect(toCsv(["h"], [[text]])).toBe(`h\r\n'${text}\r\n`);
  expect(toCsv(["h"], [["=A1,B1"]])).toBe('h\r\n"\'=A1,B1"\r\n');
  expect(toCsv(["h"], [[-1]])).toBe("h\r\n-1\r\n");
});
