import { expect, test } from "vitest";
import type { System } from "../../api/model";
import { topicsOf } from "./topics";

const worker = (some: object) => ({ topic: "reports", stored: 5, dead_letters: {}, insert_lag_ms: null, ...some });
const process = (silent: boolean, ...workers: object[]) => ({ silent, state: { workers } });
const topics = (processes: object[]) =>
  topicsOf({
    queue: { topics: [{ topic: "reports", depth: 3, oldest_age_ms: null, consumers: 2, dead_letters: 1 }] },
    processes,
  } as unknown as System);

test("workers of all processes are taken together, the worst lag counts", () => {
  const [reports] = topics([
    process(false, worker({ insert_lag_ms: 20, dead_letters: { unknown_app: 1 } })),
    process(false, worker({ insert_lag_ms: 90, dead_letters: { unknown_app: 2, bad_json: 1 } })),
  ]);
  expect(reports).toMatchObject({ stored: 10, insertLagMs: 90, depth: 3, deadLetters: 1 });
  expect(reports?.reasons).toEqual([
    ["unknown_app", 3],
    ["bad_json", 1],
  ]);
});

test("who is silent says nothing any more, and workers of other topics do not count", () => {
  const [reports] = topics([process(true, worker({})), process(false, worker({ topic: "request_logs" }))]);
  expect(reports).toMatchObject({ stored: 0, insertLagMs: null, reasons: [] });
});
