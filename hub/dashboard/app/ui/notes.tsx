/** What stands where data is missing: not there yet, not obtainable, or none at all. */
import { createContext, type ReactNode, useContext } from "react";
import { type ApiProblem, UNREACHABLE } from "../api/client";
import { useHubGone } from "../api/reach";
import { refreshNow } from "../api/refresh";
import type { Answer } from "../api/useQuery";

export function Skeleton({ height, width = "100%" }: { height: number; width?: number | string }) {
  return <div className="skeleton" style={{ height, width }} aria-hidden="true" />;
}

/** Whether it is told above that the hub cannot be reached: then no part of the page tells it again. */
export const ToldAbove = createContext(false);

/** The one that tells; stands above what it speaks for. */
export function HubGone() {
  return (
    useHubGone() && (
      <div className="problem" role="alert">
        <div>
          <b>The hub cannot be reached.</b> Check the connection, and that the hub is running.
        </div>
        <button type="button" className="button button-small" onClick={refreshNow}>
          Retry
        </button>
      </div>
    )
  );
}

/** Says what failed and offers to try again. `kept`: whether something older is still on screen. */
export function ProblemNote({
  problem,
  what,
  kept,
  retry,
}: {
  problem: ApiProblem;
  what: string;
  kept: boolean;
  retry: () => void;
}) {
  const [told, gone] = [useContext(ToldAbove), useHubGone()];
  if (told && gone && problem.kind === UNREACHABLE) return null;
  return (
    <div className="problem" role="alert">
      <div>
        <b>
          {what} could not be loaded: {problem.title}.
        </b>{" "}
        {problem.detail} {kept && <span>What is shown is from before.</span>}
      </div>
      <button type="button" className="button button-small" onClick={retry}>
        Retry
      </button>
    </div>
  );
}

/** Shows the answer as soon as there is one, dims it while it answers an older question, and keeps it when a refresh fails. */
export function Loaded<T>({
  answer,
  what,
  height,
  children,
}: {
  answer: Answer<T>;
  what: string;
  height: number;
  children: (data: T) => ReactNode;
}) {
  const { data, problem, retry, outdated } = answer;
  return (
    <>
      {problem && <ProblemNote problem={problem} what={what} kept={data !== null} retry={retry} />}
      {data === null ? (
        !problem && <Skeleton height={height} />
      ) : (
        <div className={outdated ? "outdated" : undefined}>{children(data)}</div>
      )}
    </>
  );
}

/** `whole`: nothing else is on the page, so that this is its heading. */
export function Empty({ title, whole, children }: { title: string; whole?: boolean; children?: ReactNode }) {
  return (
    <div className="empty">
      {whole ? <h1>{title}</h1> : <b>{title}</b>}
      {children && <p>{children}</p>}
    </div>
  );
}
