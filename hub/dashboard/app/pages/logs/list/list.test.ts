import { expect, test } from "vitest";
import type { LogRow } from "../../../api/model";
import { isDated, LOG_ORDER, shownOf } from "./columns";
import { NONE, newerThan, rowsInView, withNewer, withOlder } from "./pages";

const row = (id: string, time_us: number, own: Partial<LogRow> = {}): LogRow => ({
  id,
  time_us,
  method: "GET",
  path: "/a",
  url: "/a",
  status: 200,
  duration_ms: 1.5,
  consumer: null,
  client_address: null,
  trace_id: null,
  request_bytes: null,
  response_bytes: 7,
  ...own,
});
const page = (rows: LogRow[], next: string | null = null, stopped_at_us: number | null = null) => ({
  range: { from: 0, to: 1, step_secs: null, tier: "request" as const, tz: "UTC" },
  as_of: null,
  data: rows,
  next,
  stopped_at_us,
  searched: rows.length,
});
const ids = (rows: readonly LogRow[]) => rows.map(one => one.id).join("");

test("older pages follow, and a request that is told of twice is listed once", () => {
  const first = withOlder(NONE, page([row("c", 3), row("b", 2)], "n"));
  const both = withOlder(first, page([row("b", 2), row("a", 1)], null, 5));
  expect([ids(both.rows), both.next, both.stoppedAtUs]).toEqual(["cba", null, 5]);
});

test("a newer request that began earlier is put among the others", () => {
  const held = withOlder(NONE, page([row("d", 40), row("b", 20)], "n"));
  const newer = newerThan(held.rows, [row("e", 50), row("d", 40), row("c", 30)]);
  expect(ids(newer)).toBe("ec");
  const grown = withNewer(held, newer);
  expect([ids(grown.rows), grown.next]).toEqual(["edcb", "n"]);
  expect(withNewer(held, [])).toBe(held);
});

test("only rows in the window are drawn, and some beyond", () => {
  expect(rowsInView(0, 320, 32, 1000, 5)).toEqual({ first: 0, last: 15 });
  expect(rowsInView(3200, 320, 32, 1000, 5)).toEqual({ first: 95, last: 115 });
  expect(rowsInView(31_900, 320, 32, 1000, 5)).toEqual({ first: 991, last: 1000 });
});

test("the address says which columns are shown; time and request always are", () => {
  const keys = (query: string) => shownOf(new URLSearchParams(query), false).columns.map(column => column.key);
  expect(keys("")).toEqual(["time", "request", "status", "duration", "consumer", "size"]);
  expect(keys("cols=trace,nonsense")).toEqual(["time", "request", "trace"]);
  expect(LOG_ORDER.choose(["status", "duration", "consumer", "size"])).toEqual({ cols: null });
  expect(LOG_ORDER.choose(["status"])).toEqual({ cols: "time,request,status" });
  expect(LOG_ORDER.choices.map(column => column.key)).not.toContain("request");
});

test("rows have room for all their columns, on phones for those that fit", () => {
  const { style } = shownOf(new URLSearchParams("cols=status,trace"), false);
  expect(style).toEqual({
    "--log-columns": "92px minmax(160px, 1fr) 54px minmax(120px, 236px)",
    "--log-columns-narrow": "minmax(0, 1fr) 58px",
    "--log-width": `${92 + 160 + 54 + 120 + 3 * 12 + 2 * 16}px`,
  });
});

test("times get room for their days as soon as one row is not of today", () => {
  const now = new Date(2026, 10, 27, 12);
  const hoursAgo = (hours: number) => row(String(hours), (now.getTime() - hours * 3_600_000) * 1000);
  expect(isDated([], now)).toBe(false);
  expect(isDated([hoursAgo(0), hoursAgo(11)], now)).toBe(false);
  expect(isDated([hoursAgo(0), hoursAgo(13)], now)).toBe(true);
  const width = (dated: boolean) => shownOf(new URLSearchParams(""), dated).columns[0]?.width;
  expect([width(false), width(true)]).toEqual([92, 132]);
});
