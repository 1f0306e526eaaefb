/** Who calls this endpoint the most; a click narrows the page to one of them. */
import type { Callers } from "../../api/callers";
import { callersOf } from "../../api/callers";
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { CallersList } from "../../ui/Callers";
import { Loaded } from "../../ui/notes";
import type { Scope } from "../../url/useScope";

const SHOWN = 10;

async function topOf(scope: Scope, signal: AbortSignal): Promise<Callers> {
  const [{ data }, totals] = await Promise.all([
    queries.consumers(scope.appId, scope.query(), signal),
    queries.endpoints(scope.appId, scope.query(), signal),
  ]);
  const named = data.flatMap(({ identifier, name, group, requests }) =>
    identifier === null ? [] : [{ identifier, name, group, count: requests }],
  );
  const requests = totals.data.reduce((sum, row) => sum + row.requests, 0);
  return callersOf(named.toSorted((a, b) => b.count - a.count).slice(0, SHOWN), requests);
}

export function TopConsumers({ scope }: { scope: Scope }) {
  const callers = useQuery(`top-callers/${scope.key}`, signal => topOf(scope, signal));
  return (
    <section className="panel" aria-label="Top consumers">
      <div className="panel-head">
        <h2>Top consumers</h2>
        <span className="muted">A click shows only their requests</span>
      </div>
      <Loaded answer={callers} what="The consumers" height={180}>
        {found => <CallersList callers={found} tone="requests" />}
      </Loaded>
    </section>
  );
}
