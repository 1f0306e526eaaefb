/** Which roles a person holds, and where: at most one for each scope. */
import { useState } from "react";
import { changeUser } from "../../../api/admin";
import type { Grant, Role, UserRow } from "../../../api/model";
import { ROLES } from "../../../api/roles";
import { FormDialog } from "../../../forms/FormDialog";
import { useScopeName, useScopes } from "../../../forms/GrantFields";
import { useSubmit } from "../../../forms/useSubmit";
import { CloseIcon, PlusIcon } from "../../../ui/icons";

export function GrantsDialog({ user, onDone, onClose }: { user: UserRow; onDone: () => void; onClose: () => void }) {
  const submit = useSubmit();
  const scopes = useScopes();
  const scopeName = useScopeName();
  const [grants, setGrants] = useState<Grant[]>(user.grants);
  const idOf = (grant: Grant) => grant.app_id ?? "";
  const free = scopes.filter(scope => grants.every(grant => idOf(grant) !== scope.id));
  const replace = (at: number, grant: Grant | null) =>
    setGrants(grants.flatMap((one, index) => (index !== at ? one : grant === null ? [] : grant)));
  const save = async () => {
    if (await submit.run(() => changeUser(user.id, { grants }))) onDone();
  };
  return (
    <FormDialog
      title={`Roles of ${user.email}`}
      action="Save"
      submit={submit}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <div className="grant-rows">
        {grants.map((grant, at) => (
          <div className="grant-row" key={idOf(grant)}>
            <select
              className="select"
              aria-label="Where"
              value={idOf(grant)}
              onChange={event => replace(at, { ...grant, app_id: event.target.value || null })}
            >
              <option value={idOf(grant)}>{scopeName(grant.app_id)}</option>
              {free.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
            <select
              className="select"
              aria-label={`Role on ${scopeName(grant.app_id)}`}
              value={grant.role}
              onChange={event => replace(at, { ...grant, role: event.target.value as Role })}
            >
              {ROLES.map(role => (
                <option key={role} value={role}>
                  {role}
                </option>
              ))}
            </select>
            <button
              type="button"
              className="button button-icon button-quiet"
              aria-label={`Take away the role on ${scopeName(grant.app_id)}`}
              onClick={() => replace(at, null)}
            >
              <CloseIcon />
            </button>
          </div>
        ))}
        {grants.length === 0 && <p className="muted">Without a role this person may log in and sees nothing.</p>}
        {free[0] && (
          <button
            type="button"
            className="button button-small"
            onClick={() => setGrants([...grants, { role: "viewer", app_id: free[0]?.id || null }])}
          >
            <PlusIcon /> Add a role
          </button>
        )}
      </div>
      <p className="muted dialog-text">A role on the whole hub holds for every app, and for those made later.</p>
    </FormDialog>
  );
}
