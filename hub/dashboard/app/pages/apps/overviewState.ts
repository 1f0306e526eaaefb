/** The overview: which environments can be chosen, in which order the apps come, and what waits for somebody about each. */
import { environmentsOf } from "../../api/apps";
import type { AppFigures, AppOverview } from "../../api/model";
import { exact } from "../../format/numbers";
import { paths } from "../../url/scope";

type WithEnvironments = Pick<AppOverview, "environments" | "name">;

/** Apps that report come first, then those that wait for their first report; each by name. */
export function inOrder<App extends WithEnvironments>(apps: readonly App[]): App[] {
  const waits = (app: App) => Number(environmentsOf(app).length === 0);
  return [...apps].sort((a, b) => waits(a) - waits(b) || a.name.localeCompare(b.name, "en"));
}

/** The names of all environments, each once. */
export function environmentNames(apps: readonly WithEnvironments[]): string[] {
  return [...new Set(apps.flatMap(app => app.environments.map(one => one.env)))].toSorted();
}

/** When the first report of all came; null when there is none. */
export function firstReportAt(apps: readonly WithEnvironments[]): number | null {
  const first = apps.flatMap(app => app.environments.map(one => one.first_report_at));
  return first.length > 0 ? Math.min(...first) : null;
}

export interface Waiting {
  text: string;
  /** The page that tells more. */
  page: (appId: string) => string;
  tone: "bad" | "warn";
}

const KINDS = [
  {
    of: "server_errors",
    one: "cause of server errors",
    many: "causes of server errors",
    page: paths.errors,
    tone: "bad",
  },
  { of: "validation_errors", one: "invalid field", page: paths.validation, tone: "warn" },
  { of: "missing_reports", one: "missing report", page: paths.instances, tone: "bad" },
  { of: "losses", one: "loss", many: "losses", page: paths.instances, tone: "warn" },
] as const;

/** What of an app waits for somebody who looks at it, the gravest first. */
export function waitingOf({ problems }: Pick<AppFigures, "problems">): Waiting[] {
  return KINDS.filter(kind => problems[kind.of] > 0).map(({ of, one, page, tone, ...rest }) => {
    const many = "many" in rest ? rest.many : `${one}s`;
    return { text: `${exact(problems[of])} ${problems[of] === 1 ? one : many}`, page, tone };
  });
}

/** `1,204 consumers, 3 new`. */
export function consumersText({ consumers, new_consumers }: Pick<AppFigures, "consumers" | "new_consumers">): string {
  const all = `${exact(consumers)} ${consumers === 1 ? "consumer" : "consumers"}`;
  return new_consumers > 0 ? `${all}, ${exact(new_consumers)} new` : all;
}
