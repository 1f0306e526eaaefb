/** Components whose scripts are fetched later: when they are first shown, or before, while the browser has nothing to do. */
import { type ComponentType, lazy, useState } from "react";
import { hubAnswers } from "./hubAnswers";

/** The script of a component could not be fetched. */
export class NotFetched extends Error {
  constructor(
    /** Whether the hub answered then: if so, it does not have the script. Not so where nobody looked. */
    readonly hubAnswered: boolean,
    cause: unknown,
  ) {
    super("A script could not be fetched", { cause });
    this.name = "NotFetched";
  }
}

export interface Fetched {
  fetch: () => Promise<unknown>;
}

export function later<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
): ComponentType<Props> & Fetched {
  let fetched: ComponentType<Props> | null = null;
  let failed: unknown = null;
  const fetch = async () => {
    try {
      const module = await load();
      fetched = module.default;
      return module;
    } catch (cause) {
      failed = cause;
      throw cause;
    }
  };
  const Lazy = lazy(async () => {
    // Its styles are asked for only once: what failed ahead would come without them now.
    if (failed !== null) throw new NotFetched(false, failed);
    return fetch().catch(async (cause: unknown) => {
      throw new NotFetched(await hubAnswers(), cause);
    });
  });
  function Later(props: Props) {
    // What is there is drawn at once: React would wait, and lose the keys typed meanwhile. The choice holds, so that no state is lost.
    const [Shown] = useState<ComponentType<Props>>(() => fetched ?? (Lazy as unknown as ComponentType<Props>));
    return <Shown {...props} />;
  }
  return Object.assign(Later, { fetch });
}
