/** All users with their roles, and what an admin can do about each. */
import { useState } from "react";
import { changeUser, deleteUser, endSessionsOf, resetPassword, users } from "../../../api/admin";
import type { UserRow } from "../../../api/model";
import { useUser } from "../../../api/roles";
import { useQuery } from "../../../api/useQuery";
import { ago, dateTime, fullTime } from "../../../format/time";
import { Confirm } from "../../../forms/Confirm";
import { useScopeName } from "../../../forms/GrantFields";
import { Refusal } from "../../../forms/Refusal";
import { Secret } from "../../../forms/Secret";
import { useSubmit } from "../../../forms/useSubmit";
import { Menu } from "../../../ui/Menu";
import { Loaded } from "../../../ui/notes";
import { useNow } from "../../../ui/useNow";
import { hubAddress } from "../../../url/base";
import { ActionHead } from "../cells";
import { GrantsDialog } from "./GrantsDialog";

type Doing = "roles" | "delete" | null;

export function Users() {
  const answer = useQuery("users", users);
  const submit = useSubmit();
  const [chosen, setChosen] = useState<{ user: UserRow; doing: Doing } | null>(null);
  const [link, setLink] = useState<{ email: string; address: string; until: number } | null>(null);
  const change = async (work: () => Promise<unknown>) => {
    if (await submit.run(work)) answer.retry();
  };
  const reset = (user: UserRow) =>
    change(async () => {
      const { path, expires_at } = await resetPassword(user.id);
      setLink({ email: user.email, address: hubAddress() + path, until: expires_at });
    });
  const done = () => {
    setChosen(null);
    answer.retry();
  };
  return (
    <section className="panel" aria-label="Users">
      <div className="panel-head">
        <h2>Users</h2>
      </div>
      <Refusal of={submit} />
      {link && (
        <Secret value={link.address} what="the link" onClose={() => setLink(null)}>
          With this link <b>{link.email}</b> sets a new password, once, until {dateTime(link.until)}. It is shown now
          and never again; hand it over yourself.
        </Secret>
      )}
      <Loaded answer={answer} what="The users" height={180}>
        {({ data }) => (
          <div className="table-scroll">
            <table className="table">
              <thead>
                <tr>
                  <th>Person</th>
                  <th className="text">Roles</th>
                  <th className="hide-narrow">Last log-in</th>
                  <ActionHead />
                </tr>
              </thead>
              <tbody>
                {data.map(user => (
                  <Row
                    key={user.id}
                    user={user}
                    onRoles={() => setChosen({ user, doing: "roles" })}
                    onDelete={() => setChosen({ user, doing: "delete" })}
                    onReset={() => void reset(user)}
                    onEnd={() => void change(() => endSessionsOf(user.id))}
                    onDisable={() => void change(() => changeUser(user.id, { disabled: user.disabled_at === null }))}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      {chosen?.doing === "roles" && <GrantsDialog user={chosen.user} onDone={done} onClose={() => setChosen(null)} />}
      {chosen?.doing === "delete" && (
        <Confirm
          title={`Delete ${chosen.user.email}?`}
          action="Delete the user"
          typed={chosen.user.email}
          change={() => deleteUser(chosen.user.id)}
          onDone={done}
          onClose={() => setChosen(null)}
        >
          Sessions end at once. What this person did stays in the audit log. To keep somebody out for a while, disable
          the user instead.
        </Confirm>
      )}
    </section>
  );
}

interface RowProps {
  user: UserRow;
  onRoles: () => void;
  onReset: () => void;
  onEnd: () => void;
  onDisable: () => void;
  onDelete: () => void;
}

function Row({ user, onRoles, onReset, onEnd, onDisable, onDelete }: RowProps) {
  const now = useNow();
  const scopeName = useScopeName();
  const self = useUser()?.id === user.id;
  const off = user.disabled_at !== null;
  return (
    <tr data-off={off || undefined}>
      <td className="wraps person">
        {user.email} {self && <span className="tag">you</span>} {off && <span className="tag">disabled</span>}
        {!user.has_password && <small>Logs in at the identity provider</small>}
      </td>
      <td className="text wraps">
        <span className="grants">
          {user.grants.map(({ role, app_id }) => (
            <span className="grant" data-role={role} key={app_id ?? ""}>
              {role} · {scopeName(app_id)}
            </span>
          ))}
          {user.grants.length === 0 && <span className="muted">none: sees nothing</span>}
        </span>
      </td>
      <td className="hide-narrow" title={fullTime(user.last_log_in_at)}>
        {ago(user.last_log_in_at, now)}
      </td>
      <td>
        <Menu
          title={`What to do about ${user.email}`}
          items={[
            { label: "Change roles…", run: onRoles },
            ...(user.has_password ? [{ label: "Make a link for a new password", run: onReset }] : []),
            { label: "End all sessions", run: onEnd },
            { label: off ? "Enable" : "Disable", run: onDisable },
            { label: "Delete…", run: onDelete, danger: true },
          ]}
        />
      </td>
    </tr>
  );
}
