/** Marks an error as expected, or takes the mark away: only those who may change the app, and all figures follow. */
import type { ErrorCode } from "../../api/errorCodes";
import * as queries from "../../api/queries";
import { refreshNow } from "../../api/refresh";
import { useMay } from "../../api/roles";
import { type Submit, useSubmit } from "../../forms/useSubmit";

export interface Marking {
  /** What can be done about the error; null for a reader who may not. */
  actionOf: (code: ErrorCode) => { label: string; run: () => void } | null;
  submit: Submit;
}

export function useMarking(appId: string): Marking {
  const submit = useSubmit();
  const mayEdit = useMay("editor", appId);
  const change = async ({ method, path, status, expectedId }: ErrorCode) => {
    const done = await submit.run(() =>
      expectedId === null
        ? queries.markExpected(appId, { method, path, status: Number(status) })
        : queries.unmarkExpected(appId, expectedId),
    );
    if (done) refreshNow();
  };
  const actionOf = (code: ErrorCode) =>
    mayEdit
      ? {
          label: code.expectedId === null ? "Mark as expected" : "Count as an error again",
          run: () => void change(code),
        }
      : null;
  return { actionOf, submit };
}
