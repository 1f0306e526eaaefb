/** What stands there while a page's own script is loaded, and when it cannot be. */
import { Component, type ReactNode, useEffect } from "react";
import { hubAnswers } from "../later/hubAnswers";
import { NotFetched } from "../later/later";
import { AppFrame } from "./AppFrame";
import { HubFrame } from "./HubFrame";
import { Empty, Skeleton } from "./notes";

export function PageLoading({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Sendry" title={<Skeleton height={20} width={120} />}>
      {() => <Skeleton height={420} />}
    </AppFrame>
  );
}

interface Props {
  /** Around what is said of a script that could not be fetched. */
  frame?: (note: ReactNode) => ReactNode;
  children: ReactNode;
}

/** Says in the page's place why it is not there. */
export class PageNotLoaded extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    const { frame, children } = this.props;
    if (error === null) return children;
    if (error instanceof NotFetched) {
      const note = <Missing hubAnswered={error.hubAnswered} whole={frame === undefined} />;
      return frame ? frame(note) : centered(note);
    }
    // The frame itself may be what failed.
    return centered(
      <NotShown whole title="This page could not be shown">
        Something in it went wrong. Loading it again may help.
      </NotShown>,
    );
  }
}

const centered = (note: ReactNode) => <main className="centered">{note}</main>;

export const inAppFrame = (appId: string) => (note: ReactNode) => (
  <AppFrame appId={appId} titleText="Not loaded" title={<h1>Not loaded</h1>}>
    {() => note}
  </AppFrame>
);
export const inHubFrame = (note: ReactNode) => <HubFrame title="Not loaded">{note}</HubFrame>;

const TRY_MS = 4000;

/** Some browsers, and the loader of styles, never ask again for what failed: only a page that is loaded anew does. */
async function loadAgain(): Promise<void> {
  // Without the hub, the browser's own error would take the place of the page.
  if (await hubAnswers()) window.location.reload();
}

function Missing({ hubAnswered, whole }: { hubAnswered: boolean; whole: boolean }) {
  useEffect(() => {
    if (hubAnswered) return;
    void loadAgain();
    const timer = setInterval(loadAgain, TRY_MS);
    window.addEventListener("online", loadAgain);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", loadAgain);
    };
  }, [hubAnswered]);
  return hubAnswered ? (
    <NotShown whole={whole} title="This could not be loaded">
      The hub may have been updated. Load again to get its new version.
    </NotShown>
  ) : (
    <NotShown whole={whole} title="The hub cannot be reached">
      The page is loaded as soon as the hub answers.
    </NotShown>
  );
}

function NotShown({ title, whole, children }: { title: string; whole: boolean; children: ReactNode }) {
  return (
    <div className="not-shown" role="alert">
      <Empty whole={whole} title={title}>
        {children}
      </Empty>
      <button type="button" className="button" onClick={() => void loadAgain()}>
        Load again
      </button>
    </div>
  );
}
