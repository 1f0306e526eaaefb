/** Whether the period before is shown beside the one that is looked at: `compare=1` in the address. */
import type { TrafficScope } from "../api/model";

export const isCompared = (params: URLSearchParams) => params.get("compare") === "1";

type Windowed = TrafficScope & { from: string; to: string };

/** The same question about the period before, which is as long and ends where this one begins. */
export function before<Query extends Windowed>(query: Query): Query {
  const [from, to] = [Number(query.from), Number(query.to)];
  return { ...query, from: String(Math.max(0, 2 * from - to)), to: query.from };
}
