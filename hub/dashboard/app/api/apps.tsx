/** All apps with their environments: asked once for the whole page, used by the overview, the switcher and the freshness line. */
import { createContext, type ReactNode, useContext } from "react";
import type { App, AppEnvironment } from "./model";
import * as queries from "./queries";
import { type Answer, useQuery } from "./useQuery";

type AppsAnswer = Answer<{ data: App[] }>;
const Apps = createContext<AppsAnswer | null>(null);

export function AppsProvider({ children }: { children: ReactNode }) {
  return <Apps value={useQuery("apps", queries.apps)}>{children}</Apps>;
}

export function useApps(): AppsAnswer {
  const apps = useContext(Apps);
  if (apps === null) throw new Error("useApps needs an AppsProvider above it");
  return apps;
}

/** The environments, all of which have reported, the newest report first. */
export function environmentsOf(app: Pick<App, "environments">): AppEnvironment[] {
  return app.environments.toSorted((a, b) => b.last_report_at - a.last_report_at);
}

/** Names that production goes by: looked at first unless the address says otherwise. */
const PRODUCTION = /^(prod|production|live)$/i;

export function environmentOf(app: App, wanted: string | null): AppEnvironment | null {
  const reporting = environmentsOf(app);
  return (
    reporting.find(one => one.env === wanted) ?? reporting.find(one => PRODUCTION.test(one.env)) ?? reporting[0] ?? null
  );
}
