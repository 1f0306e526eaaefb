/** Which instances are looked at: in the address as `instances`, by the beginnings of their ids; all where it says nothing. */
import type { Instance, ResourceStep } from "../../api/model";
import { STALE_SECS } from "../../ui/Freshness";

const ID_LETTERS = 8;
export const shortOf = (id: string) => id.slice(0, ID_LETTERS);

export interface Named {
  id: string;
  name: string;
}

/** The instances that have samples, named by their hosts; hosts of several processes get the beginning of the id too. */
export function namedInstances(points: readonly ResourceStep[], instances: readonly Instance[]): Named[] {
  const ids = [...new Set(points.map(point => point.instance_id))];
  const hosts = new Map(instances.map(({ instance_id, host }) => [instance_id, host]));
  const hostOf = (id: string) => hosts.get(id) ?? null;
  const twice = (host: string | null) => ids.filter(id => hostOf(id) === host).length > 1;
  const nameOf = (id: string) => {
    const host = hostOf(id);
    if (host === null) return shortOf(id);
    return twice(host) ? `${host} ${shortOf(id)}` : host;
  };
  return ids.map(id => ({ id, name: nameOf(id) })).toSorted((a, b) => a.name.localeCompare(b.name));
}

export function chosenOf(all: readonly Named[], params: URLSearchParams): Named[] {
  const wanted = (params.get("instances") ?? "").split(",").filter(part => part !== "");
  const chosen = all.filter(one => wanted.includes(shortOf(one.id)));
  return chosen.length > 0 ? chosen : [...all];
}

/** The parameter after a click on an instance: from all to this one, then one more or one less. All of them are none. */
export function toggled(all: readonly Named[], params: URLSearchParams, id: string): string | null {
  const chosen = chosenOf(all, params);
  const isOn = chosen.some(one => one.id === id);
  const whole = chosen.length === all.length;
  const next = whole
    ? all.filter(one => one.id === id)
    : isOn
      ? chosen.filter(one => one.id !== id)
      : [...chosen, { id }];
  return next.length === 0 || next.length === all.length ? null : next.map(one => shortOf(one.id)).join(",");
}

/** More than these are asked for: they would push the charts off the screen. */
const CHIPS_MAX = 10;

/** Those that report now come first, then by their last report, otherwise as they were. */
export function newestFirst(all: readonly Named[], instances: readonly Instance[], now: number): Named[] {
  const known = new Map(instances.map(one => [one.instance_id, one]));
  const reportAt = ({ id }: Named) => {
    const { ended = true, last_report_at = null } = known.get(id) ?? {};
    const at = last_report_at ?? 0;
    return !ended && now - at <= STALE_SECS ? Number.MAX_SAFE_INTEGER : at;
  };
  return all.toSorted((a, b) => reportAt(b) - reportAt(a));
}

/** Those that have a chip before all are asked for: the first ones, and what was chosen in any case. */
export function chipsOf(ordered: readonly Named[], chosen: readonly Named[]): Named[] {
  const picked = new Set(chosen.length < ordered.length ? chosen.map(one => one.id) : []);
  return ordered.filter(({ id }, place) => place < CHIPS_MAX || picked.has(id));
}
