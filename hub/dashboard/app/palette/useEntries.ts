/** Everything that the palette offers on this page. Endpoints and consumers are asked for when it opens. */
import { useMemo } from "react";
import { environmentOf, useApps } from "../api/apps";
import * as queries from "../api/queries";
import { useGrants } from "../api/roles";
import { useQuery } from "../api/useQuery";
import { useLocation } from "../url/location";
import { parseRange, windowOf } from "../url/range";
import { pageOf } from "../url/scope";
import { useViews } from "../views/useViews";
import {
  actionEntries,
  appEntries,
  consumerEntries,
  type Entry,
  endpointEntries,
  environmentEntries,
  hubEntries,
  pageEntries,
  rangeEntries,
  themeEntries,
  viewEntries,
} from "./entries";

export function useEntries(): Entry[] {
  const here = useLocation();
  const grants = useGrants();
  const views = useViews(null);
  const page = pageOf(here.path);
  const apps = useApps().data?.data;
  const app = ("appId" in page && apps?.find(one => one.app_id === page.appId)) || null;
  const env = app && (environmentOf(app, here.params.get("env"))?.env ?? null);
  const scope = () => {
    const { from, to } = windowOf(parseRange(here.params), Date.now() / 1000);
    return { env: env ?? "", from: String(from), to: String(to) };
  };
  const key = app && env !== null ? `${app.app_id}/${env}` : null;
  const endpoints = useQuery(key && `palette-endpoints/${key}`, signal =>
    queries.endpoints(app?.app_id ?? "", scope(), signal),
  ).data?.data;
  const consumers = useQuery(key && `palette-consumers/${key}`, signal =>
    queries.consumers(app?.app_id ?? "", scope(), signal),
  ).data?.data;
  return useMemo(
    () => [
      ...pageEntries(here, app),
      ...appEntries(here, apps ?? [], app),
      ...environmentEntries(app, env),
      ...viewEntries(views),
      ...actionEntries(),
      ...hubEntries(grants),
      ...rangeEntries(),
      ...themeEntries(),
      ...(app ? endpointEntries(here, app.app_id, endpoints ?? []) : []),
      ...consumerEntries(consumers ?? []),
    ],
    [here, grants, views, apps, app, env, endpoints, consumers],
  );
}
