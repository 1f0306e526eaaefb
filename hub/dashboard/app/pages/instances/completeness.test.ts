import { expect, test } from "vitest";
import type { Instance, Loss } from "../../api/model";
import { completenessOf } from "./completeness";

const instance = (reports: number, missing_reports: number) => ({ reports, missing_reports }) as Instance;
const loss = (reason: string, count: number) => ({ reason, count }) as Loss;

test("without gaps and losses the numbers are whole", () => {
  expect(completenessOf([instance(5, 0)], [])).toMatchObject({ verdict: "whole", reports: 5 });
});

test("folded series and cut texts leave every request counted", () => {
  const found = completenessOf([instance(5, 0)], [loss("routes_folded", 3), loss("text_cut", 9)]);
  expect(found).toMatchObject({ verdict: "details", lost: 0, folded: 3 });
});

test("a gap, an expired report, or a reason nobody knows yet means that requests may be missing", () => {
  expect(completenessOf([instance(5, 2), instance(3, 0)], [])).toMatchObject({
    verdict: "requests",
    missing: 2,
    gaps: 1,
  });
  expect(completenessOf([], [loss("reports_expired", 40)])).toMatchObject({ verdict: "requests", lost: 40 });
  expect(completenessOf([], [loss("of_a_newer_sdk", 1)]).verdict).toBe("requests");
});
