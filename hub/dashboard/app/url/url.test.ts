import { describe, expect, test } from "vitest";
import { fitsPath } from "./filters";
import { pathWith } from "./location";
import {
  addressProblem,
  fittingPreset,
  LONGEST_SECS,
  namesRange,
  PRESETS,
  parseRange,
  presetParams,
  SHORTEST_SECS,
  windowOf,
  windowParams,
} from "./range";
import { pageOf, safeNext, scopedPath } from "./scope";

const at = (path: string, query: string) => ({ path, params: new URLSearchParams(query) });
const range = (query: string) => parseRange(new URLSearchParams(query));

test("settings have parts, and some parts an app", () => {
  expect(pageOf("/settings")).toEqual({ name: "settings", section: "account", of: null });
  expect(pageOf("/settings/apps/a%20b")).toEqual({ name: "settings", section: "apps", of: "a b" });
  expect(pageOf("/settings/apps/a/b")).toEqual({ name: "not-found" });
  expect(pageOf("/system")).toEqual({ name: "system" });
  expect(pageOf("/system/x")).toEqual({ name: "not-found" });
  expect(pageOf("/invitation")).toEqual({ name: "invitation" });
});

describe("the range", () => {
  test("is the last 24 hours unless the address says otherwise", () => {
    for (const query of ["", "range=nonsense", "from=5", "from=9&to=9", "from=-1&to=5", "from=1e3&to=5000"]) {
      expect(range(query)).toMatchObject({ kind: "moving", preset: { name: "24h" } });
    }
  });

  test("two moments win over a preset, and keep it to return to", () => {
    expect(range("range=7d&from=600&to=1200")).toMatchObject({
      kind: "fixed",
      from: 600,
      to: 1200,
      preset: { name: "7d" },
    });
  });

  test("a moving window ends with the running minute", () => {
    expect(windowOf(range("range=1h"), 7201)).toEqual({ from: 7260 - 3600, to: 7260 });
    expect(windowOf(range("from=600&to=1200"), 7201)).toEqual({ from: 600, to: 1200 });
  });

  test("a window is no longer than the hub answers for", () => {
    expect(range(`range=7d&from=60&to=${60 + LONGEST_SECS}`).kind).toBe("fixed");
    expect(range(`range=7d&from=60&to=${61 + LONGEST_SECS}`)).toMatchObject({ kind: "moving", preset: { name: "7d" } });
    expect(PRESETS.every(({ secs }) => secs <= LONGEST_SECS)).toBe(true);
  });

  test("moments that are not shown have a reason", () => {
    const reason = (query: string) => addressProblem(new URLSearchParams(query));
    expect(["", "range=7d", "from=&to=", "from=600&to=1200"].map(reason)).toEqual([null, null, null, null]);
    for (const query of ["from=9&to=5", "from=9&to=9", "from=5", "from=-1&to=1e9"])
      expect(reason(query)).toMatch(/must be before/);
    expect(reason(`from=0&to=${LONGEST_SECS + 1}`)).toBe("A range is at most 400 days long");
  });

  test("a zoom is whole minutes, snapped outward", () => {
    expect(windowParams(1234.5, 3601)).toEqual({ from: "1200", to: "3660" });
  });

  test("a zoom is never shorter than what can be shown, and stays around its middle", () => {
    const { from, to } = windowParams(6001, 6002) as { from: string; to: string };
    expect(Number(to) - Number(from)).toBe(SHORTEST_SECS);
    expect(Number(from)).toBeLessThanOrEqual(6001);
    expect(Number(to)).toBeGreaterThanOrEqual(6002);
  });

  test("any preset ends a zoom", () => {
    expect(presetParams("24h")).toEqual({ range: "24h", from: null, to: null });
  });

  test("without one in the address, the shortest that holds all there is", () => {
    const now = 1_000_000;
    const fitting = (age: number) => fittingPreset(now - age, now).name;
    expect([15, 3600, 3601, 6 * 3600, 7 * 3600, 40 * 86_400].map(fitting)).toEqual([
      "1h",
      "1h",
      "6h",
      "6h",
      "24h",
      "24h",
    ]);
    expect(fittingPreset(null, now).name).toBe("24h");
  });

  test("an address names its range by a preset or by two moments", () => {
    expect(["range=1h", "from=1&to=2", "from=1", ""].map(query => namesRange(new URLSearchParams(query)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("paths", () => {
  test("name their pages", () => {
    expect(pageOf("/")).toEqual({ name: "apps" });
    expect(pageOf("/login")).toEqual({ name: "login" });
    expect(pageOf("/setup")).toEqual({ name: "first-setup" });
    expect(pageOf("/apps/a%2Fb/traffic")).toEqual({ name: "traffic", appId: "a/b" });
    expect(pageOf("/apps/7/")).toEqual({ name: "traffic", appId: "7" });
    expect(pageOf("/apps/7/setup")).toEqual({ name: "setup", appId: "7" });
    for (const path of ["/apps", "/apps/7/nothing", "/apps/7/traffic/more", "/nothing"])
      expect(pageOf(path).name).toBe("not-found");
  });

  test("keep environment and range from page to page, and nothing of the page before", () => {
    const from = at("/apps/7/traffic", "env=prod&range=7d&q=orders&sort=p95");
    expect(scopedPath(from, "/apps/7/endpoint", { method: "GET", path: "/a b" })).toBe(
      "/apps/7/endpoint?env=prod&range=7d&method=GET&path=%2Fa+b",
    );
    expect(scopedPath(from, "/", { env: null })).toBe("/?range=7d");
  });

  test("a parameter without a value is taken away", () => {
    expect(pathWith("/x", new URLSearchParams("a=1&b=2"), { a: null, b: "", c: "3" })).toBe("/x?c=3");
  });

  test("logging in never leads to another site", () => {
    for (const next of [
      null,
      "https://evil.example",
      "//evil.example",
      "/\\evil.example",
      "/login?next=/",
      "javascript:alert(1)",
    ])
      expect(safeNext(next)).toBe("/");
    expect(safeNext("/apps/7/traffic?env=prod")).toBe("/apps/7/traffic?env=prod");
  });
});

test("a star in a path stands for any characters", () => {
  const fitting = (filter: string) => ["/orders", "/orders/{id}", "/v2/orders"].filter(path => fitsPath(path, filter));
  expect(fitting("/orders")).toEqual(["/orders"]);
  expect(fitting("/orders*")).toEqual(["/orders", "/orders/{id}"]);
  expect(fitting("*orders")).toEqual(["/orders", "/v2/orders"]);
  expect(fitting("/*/{*}")).toEqual(["/orders/{id}"]);
  expect(fitting("*")).toHaveLength(3);
  expect(fitsPath("/aba", "/ab*ba")).toBe(false);
  expect(fitsPath("/a.b", "/a?b")).toBe(false);
});
