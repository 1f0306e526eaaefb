import { expect, test } from "vitest";
import { fullTime } from "../../../format/time";
import { actionText, auditCsv, detailsText } from "./entries";

test("an action that is not known is shown by its own name", () => {
  expect(actionText("token.create")).toBe("Made the token");
  expect(actionText("orbit.leave")).toBe("orbit.leave");
});

test("details are read in words, whatever they hold", () => {
  const text = (details: unknown) => detailsText(details, appId => (appId === null ? "the hub" : `app ${appId}`));
  expect(text({ before: [{ role: "viewer", app_id: null }], after: [] })).toBe(
    "before: viewer on the hub; after: none",
  );
  expect(text({ after: [{ role: "admin", app_id: "7" }] })).toBe("after: admin on app 7");
  expect(text({ expires_at: null, role: "editor" })).toBe("role: editor");
  expect(text({ expires_at: 1_803_586_980 })).toBe(`expires at: ${fullTime(1_803_586_980)}`);
  expect(text({ odd: { a: 1 } })).toBe('odd: {"a":1}');
  expect(text(null)).toBe("");
  expect(text("text")).toBe("");
});

test("the CSV holds exact times and no formula", () => {
  const row = {
    id: 1,
    at: 0,
    actor: { kind: "user" as const, id: null, name: "=1+1", address: null },
    action: "app.delete",
    target_id: null,
    target_name: "shop",
    app_id: null,
    details: { expires_at: 60 } as never,
  };
  expect(auditCsv([row]).split("\r\n")[1]).toBe(
    "1970-01-01T00:00:00.000Z,'=1+1,,app.delete,shop,,expires at: 1970-01-01T00:01:00.000Z",
  );
});
