/** Single requests: found by filters and text, over time and by what they have, and each whole in a drawer. */
import type { AppEnvironment } from "../../api/model";
import { AppFrame } from "../../ui/AppFrame";
import { FILTERS } from "../../url/filters";
import { SetupGuide } from "../setup/SetupGuide";
import { Explorer } from "./Explorer";
import "./logs.css";

export default function LogsPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Request logs" filters={FILTERS} title={<h1>Request logs</h1>}>
      {(app, environment: AppEnvironment | null) =>
        environment ? (
          <Explorer key={`${appId}/${environment.env}`} appId={appId} environment={environment} />
        ) : (
          <SetupGuide app={app} />
        )
      }
    </AppFrame>
  );
}
