/** Keeps what is on screen under a name. */
import { useState } from "react";
import { saveView } from "../api/admin";
import { refreshNow } from "../api/refresh";
import { useMay } from "../api/roles";
import { FormDialog } from "../forms/FormDialog";
import { NameField } from "../forms/NameField";
import { useSubmit } from "../forms/useSubmit";
import { location, pathWith } from "../url/location";
import { pageOf } from "../url/scope";

export default function SaveViewDialog({ onClose }: { onClose: () => void }) {
  const submit = useSubmit();
  const [name, setName] = useState("");
  const [isShared, setShared] = useState(false);
  const here = location();
  const page = pageOf(here.path);
  const appId = "appId" in page ? page.appId : null;
  const mayShare = useMay("editor", appId);
  const save = async () => {
    const url = pathWith(here.path, here.params, {});
    if (!(await submit.run(() => saveView({ name: name.trim(), app_id: appId, url, shared: isShared })))) return;
    refreshNow();
    onClose();
  };
  return (
    <FormDialog
      title="Save this view"
      action="Save"
      submit={submit}
      ready={name.trim() !== ""}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <NameField
        value={name}
        onChange={setName}
        hint="Page, environment, time range and filters are kept as they are now"
        placeholder="Checkout, last 24 hours"
      />
      {mayShare && (
        <label className="check">
          <input type="checkbox" checked={isShared} onChange={event => setShared(event.target.checked)} />
          For all who may see {appId === null ? "the hub" : "this app"}
        </label>
      )}
    </FormDialog>
  );
}
