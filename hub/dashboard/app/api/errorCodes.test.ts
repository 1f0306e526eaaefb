import { expect, test, vi } from "vitest";
import { errorCodes } from "./errorCodes";
import * as queries from "./queries";

vi.mock("./queries");

const answered = (next: string | null) => {
  vi.mocked(queries.errorStatuses).mockResolvedValue({
    range: { from: 0, to: 60, step_secs: 60, tier: "1m" as const, tz: "UTC" },
    as_of: 0,
    data: [],
    next,
  });
  vi.mocked(queries.expectedErrors).mockResolvedValue({ data: [] });
  return errorCodes("app", { env: "prod" }, new AbortController().signal);
};

test("whether the hub has more of them is passed on", async () => {
  expect((await answered("5000")).next).toBe("5000");
  expect((await answered(null)).next).toBeNull();
});
