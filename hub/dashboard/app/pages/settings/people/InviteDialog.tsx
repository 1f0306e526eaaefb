/** Invites a person to a role. */
import { useState } from "react";
import { invite } from "../../../api/admin";
import type { Role } from "../../../api/model";
import { Field } from "../../../forms/Field";
import { FormDialog } from "../../../forms/FormDialog";
import { GrantFields, useScopes } from "../../../forms/GrantFields";
import { useSubmit } from "../../../forms/useSubmit";
import { hubAddress } from "../../../url/base";

export interface Made {
  email: string;
  address: string;
  until: number;
}

const BESIDE_EMAIL = ["bad_email", "email_taken"];

export function InviteDialog({ onMade, onClose }: { onMade: (made: Made) => void; onClose: () => void }) {
  const submit = useSubmit();
  const first = useScopes()[0];
  const [email, setEmail] = useState("");
  const [grant, setGrant] = useState<{ role: Role; appId: string | null }>({
    role: "viewer",
    appId: first?.id || null,
  });
  const [days, setDays] = useState(7);
  const { problem } = submit;
  const send = () =>
    submit.run(async () => {
      const wish = { email: email.trim(), role: grant.role, app_id: grant.appId, expires_in_hours: days * 24 };
      const { path, expires_at } = await invite(wish);
      onMade({ email: email.trim(), address: hubAddress() + path, until: expires_at });
    });
  return (
    <FormDialog
      title="Invite somebody"
      action="Make the link"
      submit={submit}
      besideFields={BESIDE_EMAIL}
      onSubmit={() => void send()}
      onClose={onClose}
    >
      <Field label="E-mail" error={problem && BESIDE_EMAIL.includes(problem.kind) ? problem.message : null}>
        {field => (
          <input
            {...field}
            className="input"
            type="email"
            value={email}
            autoComplete="off"
            onChange={event => setEmail(event.target.value)}
            required
          />
        )}
      </Field>
      <GrantFields role={grant.role} appId={grant.appId} onChange={setGrant} />
      <Field label="The link works for">
        {field => (
          <select {...field} className="select" value={days} onChange={event => setDays(Number(event.target.value))}>
            <option value={1}>1 day</option>
            <option value={7}>7 days</option>
            <option value={30}>30 days</option>
          </select>
        )}
      </Field>
    </FormDialog>
  );
}
