/** Which field of which endpoint fails validation, how often, since when, and who sends it. */
import type { AppEnvironment } from "../api/model";
import * as queries from "../api/queries";
import { useQuery } from "../api/useQuery";
import { AppFrame } from "../ui/AppFrame";
import { Loaded } from "../ui/notes";
import { FILTERS } from "../url/filters";
import { navigate, useLocation, withParams } from "../url/location";
import { useScope } from "../url/useScope";
import { SetupGuide } from "./setup/SetupGuide";
import { ValidationDrawer } from "./validation/ValidationDrawer";
import { ValidationTable } from "./validation/ValidationTable";
import { groupId } from "./validation/validationState";

/** What the hub is asked for; the endpoint is chosen among the rows, so that another one is a click away. */
const ASKED = ["consumer", "status"] as const;

export default function ValidationPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Validation errors" filters={FILTERS} title={<h1>Validation errors</h1>}>
      {(app, environment) =>
        environment ? (
          <Validation key={`${appId}/${environment.env}`} appId={appId} environment={environment} />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

function Validation({ appId, environment }: { appId: string; environment: AppEnvironment }) {
  const scope = useScope(appId, environment.env, ASKED);
  const opened = useLocation().params.get("open");
  const errors = useQuery(`validation/${scope.key}`, signal => queries.validationErrors(appId, scope.query(), signal));
  const group = errors.data?.data.find(one => groupId(one) === opened);
  return (
    <>
      <Loaded answer={errors} what="The validation errors" height={560}>
        {({ data, next }) => <ValidationTable appId={appId} scope={scope} rows={data} truncated={next !== null} />}
      </Loaded>
      {group && (
        <ValidationDrawer
          key={opened}
          appId={appId}
          scope={scope}
          group={group}
          onClose={() => navigate(withParams({ open: null }))}
        />
      )}
    </>
  );
}
