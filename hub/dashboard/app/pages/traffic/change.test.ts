import { expect, test } from "vitest";
import { changeOf } from "./change";

const figure = (amount: number | null) => ({ amount, value: String(amount), note: "" });

test("a change is told relative to before", () => {
  expect(changeOf("requests", figure(150), figure(100))).toEqual({
    arrow: "↑",
    text: "50\u00a0% from 100",
    tone: "plain",
  });
  expect(changeOf("requests", figure(50), figure(100)).arrow).toBe("↓");
  expect(changeOf("requests", figure(2000), figure(100)).text).toBe("20-fold from 100");
});

test("more errors and more latency are bad, less of them is good", () => {
  expect(changeOf("errors", figure(0.2), figure(0.1)).tone).toBe("bad");
  expect(changeOf("latency", figure(10), figure(20)).tone).toBe("good");
  expect(changeOf("errors", figure(0.1), figure(0))).toMatchObject({ arrow: "↑", tone: "bad" });
});

test("what hardly changed is as before, and nothing is compared with nothing", () => {
  expect(changeOf("bytes", figure(1001), figure(1000)).text).toBe("As before (1000)");
  expect(changeOf("errors", figure(0), figure(0)).text).toBe("As before");
  expect(changeOf("requests", figure(5), figure(null)).text).toBe("Nothing before");
});
