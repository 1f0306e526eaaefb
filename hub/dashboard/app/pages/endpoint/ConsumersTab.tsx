/** Who calls this endpoint, with failures and latency of each. */
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { Loaded } from "../../ui/notes";
import { navigate, useLocation, withParams } from "../../url/location";
import type { Scope } from "../../url/useScope";
import { ConsumerDrawer } from "../consumers/ConsumerDrawer";
import { ConsumersTable } from "../consumers/ConsumersTable";

export function ConsumersTab({ scope }: { scope: Scope }) {
  const consumers = useQuery(`consumers/${scope.key}`, signal => queries.consumers(scope.appId, scope.query(), signal));
  const wanted = useLocation().params.get("open");
  const opened = consumers.data?.data.find(row => row.consumer_id === wanted);
  const identifier = opened?.identifier ?? null;
  return (
    <>
      <Loaded answer={consumers} what="The consumers" height={320}>
        {({ data, next }) => <ConsumersTable scope={scope} rows={data} truncated={next !== null} />}
      </Loaded>
      {opened && identifier !== null && (
        <ConsumerDrawer
          key={identifier}
          scope={scope}
          consumer={{ ...opened, identifier }}
          onClose={() => navigate(withParams({ open: null }))}
        />
      )}
    </>
  );
}
