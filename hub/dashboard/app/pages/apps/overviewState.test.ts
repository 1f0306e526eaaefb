import { expect, test } from "vitest";
import { consumersText, environmentNames, firstReportAt, inOrder, waitingOf } from "./overviewState";

const environment = (env: string, first_report_at: number) => ({
  env,
  first_report_at,
  last_report_at: 90,
  instances: 1,
});
const app = (name: string, ...environments: ReturnType<typeof environment>[]) => ({ name, environments });
const NOTHING = { server_errors: 0, validation_errors: 0, missing_reports: 0, losses: 0 };

test("apps that report come before those that wait, each by name", () => {
  const apps = [app("b", environment("prod", 1)), app("a"), app("c", environment("dev", 1))];
  expect(inOrder(apps).map(one => one.name)).toEqual(["b", "c", "a"]);
});

test("each environment is offered once", () => {
  const apps = [app("a", environment("prod", 1), environment("dev", 1)), app("b", environment("prod", 1)), app("c")];
  expect(environmentNames(apps)).toEqual(["dev", "prod"]);
});

test("the first report of all decides which range fits", () => {
  expect(firstReportAt([app("a", environment("prod", 70), environment("dev", 50)), app("b")])).toBe(50);
  expect(firstReportAt([app("b")])).toBeNull();
});

test("what waits is told with its page, and nothing is told of nothing", () => {
  const waiting = waitingOf({ problems: { ...NOTHING, server_errors: 1, losses: 1840 } });
  expect(waiting.map(one => [one.text, one.page("x"), one.tone])).toEqual([
    ["1 cause of server errors", "/apps/x/errors", "bad"],
    ["1,840 losses", "/apps/x/instances", "warn"],
  ]);
  expect(waitingOf({ problems: NOTHING })).toEqual([]);
});

test("consumers are counted, new ones besides", () => {
  expect(consumersText({ consumers: 1, new_consumers: 0 })).toBe("1 consumer");
  expect(consumersText({ consumers: 1204, new_consumers: 3 })).toBe("1,204 consumers, 3 new");
});
