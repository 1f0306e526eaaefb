/** Who calls: requests, failures and latency of each consumer; a click shows their traffic. */
import type { AppEnvironment } from "../api/model";
import * as queries from "../api/queries";
import { useQuery } from "../api/useQuery";
import { AppFrame } from "../ui/AppFrame";
import { Loaded } from "../ui/notes";
import { useScope } from "../url/useScope";
import { ConsumersTable } from "./consumers/ConsumersTable";
import { SetupGuide } from "./setup/SetupGuide";

export default function ConsumersPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Consumers" filters={["method", "path", "status"]} title={<h1>Consumers</h1>}>
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
  const scope = useScope(appId, environment.env, ["method", "path", "status"]);
  const consumers = useQuery(`consumers/${scope.key}`, signal => queries.consumers(appId, scope.query(), signal));
  return (
    <Loaded answer={consumers} what="The consumers" height={420}>
      {({ data, next }) => <ConsumersTable appId={appId} rows={data} truncated={next !== null} />}
    </Loaded>
  );
}
