/** How to connect an app, and its keys. */
import { AppFrame } from "../ui/AppFrame";
import { Keys } from "./setup/Keys";
import { SetupGuide } from "./setup/SetupGuide";

export function SetupPage({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Set-up" title={<h1>Set-up</h1>} ranged={false}>
      {app => (
        <>
          <SetupGuide app={app} />
          <Keys appId={appId} />
        </>
      )}
    </AppFrame>
  );
}
