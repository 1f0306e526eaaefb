/** What stands there while a page's own script is loaded, and when it cannot be. */
import { Component, type ReactNode } from "react";
import { AppFrame } from "./AppFrame";
import { Empty, Skeleton } from "./notes";

export function PageLoading({ appId }: { appId: string }) {
  return (
    <AppFrame appId={appId} titleText="Sendry" title={<Skeleton height={20} width={120} />}>
      {() => <Skeleton height={420} />}
    </AppFrame>
  );
}

/** A hub that was updated meanwhile no longer has the scripts that this page would ask for: loading again gets the new ones. */
export class PageNotLoaded extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="centered">
        <Empty whole title="This page could not be shown">
          The hub may have been updated. Loading the page again helps.
        </Empty>
        <button type="button" className="button" onClick={() => window.location.reload()}>
          Load again
        </button>
      </main>
    );
  }
}
