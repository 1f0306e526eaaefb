/** Narrows a page to a status or a class of them with one click. One that the filters hold besides is offered, too. */
import { navigate, useLocation, withParams } from "../url/location";

export function StatusFilter({ choices }: { choices: readonly string[] }) {
  const chosen = useLocation().params.get("status");
  const all = chosen === null || choices.includes(chosen) ? choices : [...choices, chosen];
  const choose = (status: string | null) => navigate(withParams({ status }));
  return (
    <fieldset className="segmented" aria-label="Only requests with status">
      <button type="button" aria-pressed={chosen === null} onClick={() => choose(null)}>
        All
      </button>
      {all.map(status => (
        <button key={status} type="button" aria-pressed={chosen === status} onClick={() => choose(status)}>
          {status}
        </button>
      ))}
    </fieldset>
  );
}
