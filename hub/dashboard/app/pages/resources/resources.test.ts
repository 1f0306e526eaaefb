import { expect, test } from "vitest";
import type { ResourceStep } from "../../api/model";
import { chipsOf, chosenOf, namedInstances, newestFirst, toggled } from "./choice";
import { figuresOf, gather, PROCESS, resourceModel } from "./resourceSeries";

const [A, B] = ["aaaaaaaa-0000", "bbbbbbbb-0000"];
const point = (start: number, instance_id: string, cpu: number | null): ResourceStep => ({
  start,
  instance_id,
  cpu,
  rss_bytes: null,
  runtime_busy: null,
  runtime_queue_depth: null,
  runtime_blocking_threads: null,
});
const range = { from: 0, to: 240, step_secs: 60, tier: "1m", tz: "UTC" } as const;
const look = PROCESS[0] as (typeof PROCESS)[number];
const named = (...ids: string[]) => ids.map(id => ({ id, name: id }));
const params = (text: string) => new URLSearchParams(text);

test("the mean lies between the lowest and the highest instance, and a step without samples is a hole", () => {
  const steps = gather([point(0, A, 0.2), point(0, B, 0.6), point(120, B, 0.4)], [A, B], "cpu");
  const model = resourceModel({ look, range, asOf: null, steps, names: ["a", "b"], apart: false, traffic: null });
  expect(model.series.map(one => one.values)).toEqual([
    [0.4, null, 0.4, null],
    [0.6, null, 0.4, null],
    [0.2, null, 0.4, null],
  ]);
  expect(model.bands).toHaveLength(1);
  expect(model.rows(1)).toEqual([]);
});

test("instances apart have a line each, and a single one needs no band", () => {
  const steps = gather([point(0, A, 0.2), point(0, B, 0.6)], [A, B], "cpu");
  const apart = resourceModel({ look, range, asOf: null, steps, names: ["a", "b"], apart: true, traffic: null });
  expect(apart.series.map(one => [one.label, one.values[0]])).toEqual([
    ["a", 0.2],
    ["b", 0.6],
  ]);
  const alone = resourceModel({
    look,
    range,
    asOf: null,
    steps: gather([point(0, A, 0.2)], [A], "cpu"),
    names: ["a"],
    apart: false,
    traffic: null,
  });
  expect(alone.bands).toBeUndefined();
});

test("traffic is laid over as requests a minute, with an axis of its own", () => {
  const steps = gather([point(0, A, 0.2)], [A], "cpu");
  const nothing = { by_status: {}, expected_by_status: {}, expected_errors: 0, request_bytes: 0, response_bytes: 0 };
  const step = { start: 0, requests: 90, ...nothing };
  const traffic = { range, as_of: null, data: [step] };
  const model = resourceModel({ look, range, asOf: null, steps, names: ["a"], apart: false, traffic });
  const overlay = model.series.find(one => one.overlay);
  expect(overlay?.values).toEqual([90, null, null, null]);
  expect(model.rows(0)[0]).toMatchObject({ label: "Requests/min", value: "90" });
});

test("figures know nothing of instances that are not chosen", () => {
  const points = [point(0, A, 0.2), point(60, A, 0.4), point(60, B, 0.9)];
  expect(figuresOf(gather(points, [A], "cpu"))).toMatchObject({ now: 0.4, max: 0.4 });
  expect(figuresOf(gather(points, [A], "rss_bytes"))).toEqual({ now: null, mean: null, max: null });
});

test("hosts of several processes are told apart", () => {
  const instance = (instance_id: string, host: string | null) => ({ instance_id, host }) as never;
  const points = [point(0, A, 1), point(0, B, 1), point(0, "cccccccc-0000", 1)];
  const names = namedInstances(points, [instance(A, "web"), instance(B, "web")]).map(one => one.name);
  expect(names).toEqual(["cccccccc", "web aaaaaaaa", "web bbbbbbbb"]);
});

test("a click looks at one instance, then at more, and none means all", () => {
  const all = named(A, B, "cccccccc-0000");
  expect(toggled(all, params(""), B)).toBe("bbbbbbbb");
  expect(toggled(all, params("instances=bbbbbbbb"), A)).toBe("bbbbbbbb,aaaaaaaa");
  expect(toggled(all, params("instances=bbbbbbbb"), B)).toBeNull();
  expect(chosenOf(all, params("instances=gone")).length).toBe(3);
});

test("of many instances those that report now have a chip, and those that were chosen", () => {
  const all = named(...Array.from({ length: 14 }, (_, place) => `i${String(place).padStart(2, "0")}`));
  const instances = all.map(({ id }, place) => ({
    instance_id: id,
    ended: place < 12,
    last_report_at: place < 12 ? 1000 + place : 9990,
  })) as never;
  const ordered = newestFirst(all, instances, 10_000);
  const ids = (chips: readonly { id: string }[]) => chips.map(one => one.id);
  expect(ids(ordered).slice(0, 4)).toEqual(["i12", "i13", "i11", "i10"]);
  expect(ids(chipsOf(ordered, all))).toEqual(ids(ordered).slice(0, 10));
  expect(ids(chipsOf(ordered, named("i00"))).slice(9)).toEqual([ids(ordered)[9], "i00"]);
  expect(chipsOf(named(A, B), named(A, B))).toHaveLength(2);
});
