/** Makes a token. */
import { useState } from "react";
import { createToken } from "../../../api/admin";
import type { Role } from "../../../api/model";
import { Field } from "../../../forms/Field";
import { FormDialog } from "../../../forms/FormDialog";
import { GrantFields, useScopes } from "../../../forms/GrantFields";
import { NameField } from "../../../forms/NameField";
import { useSubmit } from "../../../forms/useSubmit";

const TOKEN_ROLES: readonly Role[] = ["viewer", "editor"];
const LIFETIMES = [30, 90, 365] as const;

interface Props {
  onMade: (made: { name: string; token: string }) => void;
  onClose: () => void;
}

export function TokenDialog({ onMade, onClose }: Props) {
  const submit = useSubmit();
  const first = useScopes()[0];
  const [name, setName] = useState("");
  const [grant, setGrant] = useState<{ role: Role; appId: string | null }>({
    role: "viewer",
    appId: first?.id || null,
  });
  const [days, setDays] = useState<number | null>(90);
  const send = () =>
    submit.run(async () => {
      const role = grant.role === "editor" ? "editor" : "viewer";
      const made = await createToken({ name: name.trim(), role, app_id: grant.appId, expires_in_days: days });
      onMade({ name: name.trim(), token: made.token });
    });
  return (
    <FormDialog
      title="New token"
      action="Make the token"
      submit={submit}
      ready={name.trim() !== ""}
      onSubmit={() => void send()}
      onClose={onClose}
    >
      <NameField value={name} onChange={setName} hint="What it is for, such as “nightly report”" />
      <GrantFields role={grant.role} appId={grant.appId} roles={TOKEN_ROLES} onChange={setGrant} />
      <Field label="Ends">
        {field => (
          <select
            {...field}
            className="select"
            value={days ?? ""}
            onChange={event => setDays(event.target.value === "" ? null : Number(event.target.value))}
          >
            {LIFETIMES.map(one => (
              <option key={one} value={one}>
                after {one} days
              </option>
            ))}
            <option value="">never</option>
          </select>
        )}
      </Field>
    </FormDialog>
  );
}
