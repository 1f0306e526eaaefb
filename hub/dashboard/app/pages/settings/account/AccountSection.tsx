/** One's own account: who one is, the password, and where one is logged in. */
import { ROLE_TEXTS, useUser } from "../../../api/roles";
import { useScopeName } from "../../../forms/GrantFields";
import { Empty } from "../../../ui/notes";
import { PasswordForm } from "./PasswordForm";
import { Sessions } from "./Sessions";

export function AccountSection() {
  const user = useUser();
  const scopeName = useScopeName();
  if (user === null) return null;
  return (
    <div className="settings">
      <section className="panel" aria-label="Who you are">
        <div className="panel-head">
          <h2>{user.email}</h2>
        </div>
        {user.grants.length === 0 && (
          <p className="panel-note">You may see nothing yet. An admin gives you a role under Settings, People.</p>
        )}
        <ul className="account-roles">
          {user.grants.map(({ role, app_id }) => (
            <li key={app_id ?? ""}>
              <span className="grant" data-role={role}>
                {role}
              </span>{" "}
              on {scopeName(app_id).replace(/^The/, "the")} <span className="muted">{ROLE_TEXTS[role]}</span>
            </li>
          ))}
        </ul>
      </section>
      {user.id == null ? (
        <section className="panel" aria-label="Log-in">
          <Empty title="You were logged in by yourself">
            This hub lets in whoever comes from its own machine, and such visitors have no account. Set{" "}
            <code>dashboard.auto_login</code> to <code>false</code> to ask for accounts.
          </Empty>
        </section>
      ) : (
        <>
          {user.has_password && <PasswordForm />}
          <Sessions />
        </>
      )}
    </div>
  );
}
