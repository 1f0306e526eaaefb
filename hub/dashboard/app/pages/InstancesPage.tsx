/** Who reports, and what is known to be missing: whether the numbers of the other pages can be trusted. */
import type { AppEnvironment } from "../api/model";
import * as queries from "../api/queries";
import { useQuery } from "../api/useQuery";
import { AppFrame } from "../ui/AppFrame";
import { Loaded } from "../ui/notes";
import { useScope } from "../url/useScope";
import { CompletenessPanel } from "./instances/CompletenessPanel";
import { InstancesTable } from "./instances/InstancesTable";
import "./instances/instances.css";
import { LossesTable } from "./instances/LossesTable";
import { SetupGuide } from "./setup/SetupGuide";

export function InstancesPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Instances" title={<h1>Instances and data completeness</h1>}>
      {(app, environment) =>
        environment ? (
          <Instances key={`${appId}/${environment.env}`} appId={appId} environment={environment} />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

function Instances({ appId, environment }: { appId: string; environment: AppEnvironment }) {
  const scope = useScope(appId, environment.env, null);
  const instances = useQuery(`instances/${scope.key}`, signal => queries.instances(appId, scope.query(), signal));
  const losses = useQuery(`losses/${scope.key}`, signal => queries.losses(appId, scope.query(), signal));
  return (
    <div className="stack">
      {instances.data && losses.data && <CompletenessPanel instances={instances.data.data} losses={losses.data.data} />}
      <Loaded answer={instances} what="The instances" height={240}>
        {({ data }) => <InstancesTable instances={data} />}
      </Loaded>
      <Loaded answer={losses} what="The losses" height={180}>
        {({ data }) => <LossesTable losses={data} />}
      </Loaded>
    </div>
  );
}
