/** The name of an app; its id, and with it all traffic, stays. */
import { type FormEvent, useState } from "react";
import { renameApp } from "../../../api/admin";
import type { App } from "../../../api/model";
import { NameField } from "../../../forms/NameField";
import { useSubmit } from "../../../forms/useSubmit";
import { CopyButton } from "../../../ui/CopyButton";

export function AppName({ app, onChange }: { app: App; onChange: () => void }) {
  const submit = useSubmit();
  const [name, setName] = useState(app.name);
  const wanted = name.trim();
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (await submit.run(() => renameApp(app.app_id, wanted))) onChange();
  };
  return (
    <section className="panel" aria-label="Name">
      <div className="panel-head">
        <h2>{app.name}</h2>
        <span className="muted app-id">
          <code>{app.app_id}</code> <CopyButton text={app.app_id} what="the id" />
        </span>
      </div>
      <form className="settings-inline" onSubmit={event => void send(event)}>
        <NameField value={name} onChange={setName} error={submit.problem?.message ?? null} />
        <button type="submit" className="button" disabled={submit.busy || wanted === "" || wanted === app.name}>
          Rename
        </button>
      </form>
    </section>
  );
}
