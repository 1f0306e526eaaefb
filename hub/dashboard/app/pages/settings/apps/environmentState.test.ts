import { expect, test } from "vitest";
import { whyNotYet } from "./environmentState";

test("an environment that reported lately says when it can be deleted, in whole minutes", () => {
  expect(whyNotYet(1000, 999)).toBe("Reported lately: deletable in 1\u00a0min");
  expect(whyNotYet(3900, 0)).toBe("Reported lately: deletable in 1\u00a0h");
  expect(whyNotYet(3599, 0)).toBe("Reported lately: deletable in 1\u00a0h");
  expect(whyNotYet(181, 1)).toBe("Reported lately: deletable in 3\u00a0min");
});

test("one that is silent, or of which nothing is stored, can be deleted", () => {
  expect(whyNotYet(1000, 1000)).toBeNull();
  expect(whyNotYet(null, 0)).toBeNull();
});
