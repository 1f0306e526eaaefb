/** Chooses a role and where it is held. Only scopes that the reader is an admin of can be chosen. */
import { useApps } from "../api/apps";
import type { Role } from "../api/model";
import { may, ROLE_TEXTS, ROLES, useGrants } from "../api/roles";
import { Field } from "./Field";

interface Props {
  role: Role;
  appId: string | null;
  /** Tokens are never admins. */
  roles?: readonly Role[];
  onChange: (grant: { role: Role; appId: string | null }) => void;
}

export function GrantFields({ role, appId, roles = ROLES, onChange }: Props) {
  const scopes = useScopes();
  return (
    <>
      <Field label="Role" hint={ROLE_TEXTS[role]}>
        {field => (
          <select
            {...field}
            className="select"
            value={role}
            onChange={event => onChange({ role: event.target.value as Role, appId })}
          >
            {roles.map(one => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Where">
        {field => (
          <select
            {...field}
            className="select"
            value={appId ?? ""}
            onChange={event => onChange({ role, appId: event.target.value || null })}
          >
            {scopes.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
}

export const WHOLE_HUB = "The whole hub";

/** Where the reader may give roles; the whole hub has an empty id. */
export function useScopes(): { id: string; name: string }[] {
  const apps = useApps().data?.data ?? [];
  const grants = useGrants();
  const own = apps.filter(app => may(grants, "admin", app.app_id)).map(app => ({ id: app.app_id, name: app.name }));
  return may(grants, "admin") ? [{ id: "", name: WHOLE_HUB }, ...own] : own;
}

/** The name of a scope; apps that are gone, or not the reader's, have none. */
export function useScopeName(): (appId: string | null | undefined) => string {
  const apps = useApps().data?.data ?? [];
  return appId => (appId == null ? WHOLE_HUB : (apps.find(app => app.app_id === appId)?.name ?? "another app"));
}
