/** When which version of the app began: the markers of the charts. */
import type { Marker } from "../charts/model";
import type { Scope } from "../url/useScope";
import type { Instance } from "./model";
import * as queries from "./queries";
import { useQuery } from "./useQuery";

type Started = Pick<Instance, "app_version" | "started_at">;

/** The first start of each version in order of time; the version that was there before the others is no release. */
export function releasesOf(instances: readonly Started[]): Marker[] {
  const began = new Map<string, number>();
  for (const { app_version, started_at } of instances) {
    if (app_version === null || started_at === null) continue;
    began.set(app_version, Math.min(started_at, began.get(app_version) ?? started_at));
  }
  return [...began]
    .map(([label, at]) => ({ label, at }))
    .sort((a, b) => a.at - b.at)
    .slice(1);
}

const NONE: readonly Marker[] = [];

/** Reports arrive after the minutes that they tell of: the instances of a window are asked for until now. */
export function useReleases(scope: Scope): readonly Marker[] {
  const answer = useQuery(`releases/${scope.wholeKey}`, async signal => {
    const { env, from } = scope.query();
    const to = String(Math.ceil(Date.now() / 60_000) * 60);
    const { data } = await queries.instances(scope.appId, { env, from, to }, signal);
    return releasesOf(data);
  });
  return answer.data ?? NONE;
}
