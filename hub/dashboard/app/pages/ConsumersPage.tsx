/** Who calls: new and returning consumers, alone or in their groups, and each whole in a drawer. */
import type { AppEnvironment } from "../api/model";
import * as queries from "../api/queries";
import { useQuery } from "../api/useQuery";
import { AppFrame } from "../ui/AppFrame";
import { Loaded } from "../ui/notes";
import { FILTERS } from "../url/filters";
import { navigate, useLocation, withParams } from "../url/location";
import { useScope } from "../url/useScope";
import { ConsumerDrawer } from "./consumers/ConsumerDrawer";
import { ConsumersTable } from "./consumers/ConsumersTable";
import { Overview } from "./consumers/Overview";
import { SetupGuide } from "./setup/SetupGuide";

export default function ConsumersPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Consumers" filters={FILTERS} title={<h1>Consumers</h1>}>
      {(app, environment) =>
        environment ? (
          <Consumers key={`${appId}/${environment.env}`} appId={appId} environment={environment} />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

function Consumers({ appId, environment }: { appId: string; environment: AppEnvironment }) {
  const scope = useScope(appId, environment.env);
  const consumers = useQuery(`consumers/${scope.key}`, signal => queries.consumers(appId, scope.query(), signal));
  const wanted = useLocation().params.get("open");
  const opened = consumers.data?.data.find(row => row.consumer_id === wanted);
  const identifier = opened?.identifier ?? null;
  return (
    <div className="stack">
      <Loaded answer={consumers} what="The consumers" height={420}>
        {({ data, range, next }) => (
          <div className="stack">
            {data.length > 0 && <Overview rows={data} range={range} scope={scope} />}
            <ConsumersTable scope={scope} rows={data} truncated={next !== null} />
          </div>
        )}
      </Loaded>
      {opened && identifier !== null && (
        <ConsumerDrawer
          key={identifier}
          scope={scope}
          consumer={{ ...opened, identifier }}
          onClose={() => navigate(withParams({ open: null }))}
        />
      )}
    </div>
  );
}
