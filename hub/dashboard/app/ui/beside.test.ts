import { expect, test } from "vitest";
import { beside } from "./beside";

const view = { width: 1000, height: 600 };
const button = (left: number, top: number) => ({ left, right: left + 100, top, bottom: top + 30 });

test("a panel hangs below its button and reaches to the right, to the left only where there is no room", () => {
  const panel = { width: 300, height: 200 };
  expect(beside(button(100, 50), panel, view)).toEqual({ left: 100, top: 86 });
  expect(beside(button(600, 50), panel, view)).toEqual({ left: 600, top: 86 });
  expect(beside(button(800, 50), panel, view)).toEqual({ left: 600, top: 86 });
});

test("it stands above where there is no room below", () => {
  expect(beside(button(100, 550), { width: 300, height: 200 }, view)).toEqual({ left: 100, top: 344 });
});

test("it never leaves the window", () => {
  const phone = { width: 390, height: 300 };
  expect(beside(button(150, 20), { width: 374, height: 280 }, phone)).toEqual({ left: 8, top: 12 });
  expect(beside(button(280, 120), { width: 288, height: 290 }, phone)).toEqual({ left: 92, top: 8 });
});
