/** Makes an app and goes to its set-up page, which shows the write key this once. */
import { type FormEvent, type RefObject, useState } from "react";
import * as queries from "../../api/queries";
import { navigate } from "../../url/location";
import { paths } from "../../url/scope";
import { keepNewKey } from "../setup/newKeys";

export function NewAppDialog({ dialog, onMade }: { dialog: RefObject<HTMLDialogElement | null>; onMade: () => void }) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const made = await queries.createApp(name.trim());
      keepNewKey(made.app_id, made.write_key);
      onMade();
      navigate(paths.setup(made.app_id));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="new-app">
      <form onSubmit={submit}>
        <h2 id="new-app">New app</h2>
        <label className="field">
          Name
          <input
            className="input"
            value={name}
            onChange={event => setName(event.target.value)}
            placeholder="orders-api"
            maxLength={64}
            required
            autoComplete="off"
          />
        </label>
        <p className="muted">
          One API, with all its environments and instances. Its write key is shown once, on the next page.
        </p>
        {problem && <p className="field-error">{problem}</p>}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={busy || name.trim() === ""}>
            Create app
          </button>
        </div>
      </form>
    </dialog>
  );
}
