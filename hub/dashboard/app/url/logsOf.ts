/** Leads from a step of a chart to the single requests behind it, with the filters that are on. */
import type { Filters } from "./filters";
import { location, navigate } from "./location";
import { pageOf, paths, scopedPath } from "./scope";

export function openLogsOf(from: number, to: number, of: Filters & { min?: string; max?: string } = {}): void {
  const here = location();
  const page = pageOf(here.path);
  if (!("appId" in page)) return;
  navigate(scopedPath(here, paths.logs(page.appId), { from: String(from), to: String(to), ...of }));
}
