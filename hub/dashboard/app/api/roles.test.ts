import { expect, test } from "vitest";
import { may, maySomewhere } from "./roles";

test("a role on the hub is one on every app, and a role on an app is none elsewhere", () => {
  const everywhere = [{ role: "editor" as const, app_id: null }];
  expect(may(everywhere, "viewer", "shop")).toBe(true);
  expect(may(everywhere, "editor")).toBe(true);
  expect(may(everywhere, "admin", "shop")).toBe(false);
  const there = [{ role: "admin" as const, app_id: "shop" }];
  expect(may(there, "editor", "shop")).toBe(true);
  expect(may(there, "viewer", "blog")).toBe(false);
  expect(may(there, "viewer")).toBe(false);
  expect(maySomewhere(there, "admin")).toBe(true);
  expect(maySomewhere([], "viewer")).toBe(false);
});
