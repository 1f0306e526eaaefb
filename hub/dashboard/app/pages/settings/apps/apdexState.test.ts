import { expect, test } from "vitest";
import { thresholdsOf, typedOf } from "./apdexState";

const endpoint = { method: "GET", path: "/a" };

test("thresholds come back as they were, with an app's own and without", () => {
  for (const threshold_ms of [null, 300]) {
    const kept = { threshold_ms, endpoints: [{ ...endpoint, threshold_ms: 20 }] };
    expect(thresholdsOf(typedOf(kept))).toEqual(kept);
  }
});

test("what is typed is a text, so that an emptied field is no zero", () => {
  const { whole, endpoints } = typedOf({ threshold_ms: null, endpoints: [{ ...endpoint, threshold_ms: 20 }] });
  expect([whole, endpoints]).toEqual(["", [{ ...endpoint, threshold: "20" }]]);
  expect(thresholdsOf({ whole: "", endpoints: [{ ...endpoint, threshold: "250" }] })).toEqual({
    threshold_ms: null,
    endpoints: [{ ...endpoint, threshold_ms: 250 }],
  });
});
