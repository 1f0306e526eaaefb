/** Why a change did not go through, beside what it was about. Nothing while nothing failed. */
import type { Submit } from "./useSubmit";

export function Refusal({ of: { problem } }: { of: Pick<Submit, "problem"> }) {
  return (
    problem && (
      <p className="field-error" role="alert">
        {problem.message}
      </p>
    )
  );
}
