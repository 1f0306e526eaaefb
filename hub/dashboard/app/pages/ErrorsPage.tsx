/** What failed, since when, and why: client and server errors over time, by status and endpoint, and the causes of the app's own. */
import { AppFrame } from "../ui/AppFrame";
import { FILTERS } from "../url/filters";
import { useScope } from "../url/useScope";
import { ErrorPanels } from "./errors/ErrorPanels";
import { SetupGuide } from "./setup/SetupGuide";

export default function ErrorsPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Errors" filters={FILTERS} title={<h1>Errors</h1>}>
      {(app, environment) =>
        environment ? (
          <Errors key={`${appId}/${environment.env}`} appId={appId} env={environment.env} />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}

function Errors({ appId, env }: { appId: string; env: string }) {
  return <ErrorPanels scope={useScope(appId, env)} />;
}
