/** Who is invited. The hub sends no mail: it makes a link, which is handed over by whoever invites. */
import { useState } from "react";
import { invitations, revokeInvitation } from "../../../api/admin";
import type { Invitation } from "../../../api/model";
import { useQuery } from "../../../api/useQuery";
import { dateTime } from "../../../format/time";
import { useScopeName } from "../../../forms/GrantFields";
import { Refusal } from "../../../forms/Refusal";
import { Secret } from "../../../forms/Secret";
import { useSubmit } from "../../../forms/useSubmit";
import { PlusIcon } from "../../../ui/icons";
import { Empty, Loaded } from "../../../ui/notes";
import { ActionButton, ActionHead, DateCell } from "../cells";
import { InviteDialog, type Made } from "./InviteDialog";

const STATES: Record<Invitation["state"], { text: string; tone: string }> = {
  open: { text: "Not used yet", tone: "warn" },
  accepted: { text: "Accepted", tone: "good" },
  revoked: { text: "Revoked", tone: "off" },
  expired: { text: "Expired", tone: "off" },
};

export function Invitations() {
  const answer = useQuery("invitations", invitations);
  const submit = useSubmit();
  const scopeName = useScopeName();
  const [isWhole, setWhole] = useState(false);
  const shown = (rows: readonly Invitation[]) => rows.filter(one => isWhole || one.state === "open");
  const [isInviting, setInviting] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const revoke = async (id: string) => {
    if (await submit.run(() => revokeInvitation(id))) answer.retry();
  };
  return (
    <section className="panel" aria-label="Invitations">
      <div className="panel-head">
        <h2>Invitations</h2>
        <div className="table-tools">
          <label className="check">
            <input type="checkbox" checked={isWhole} onChange={event => setWhole(event.target.checked)} />
            Show used and ended ones
          </label>
          <button type="button" className="button button-primary" onClick={() => setInviting(true)}>
            <PlusIcon /> Invite somebody
          </button>
        </div>
      </div>
      <Refusal of={submit} />
      {made && (
        <Secret value={made.address} what="the link" onClose={() => setMade(null)}>
          The invitation for <b>{made.email}</b> works once, until {dateTime(made.until)}. The hub sends no mail: hand
          the link over yourself. It is shown now and never again.
        </Secret>
      )}
      <Loaded answer={answer} what="The invitations" height={140}>
        {({ data }) =>
          shown(data).length === 0 ? (
            <Empty title="Nobody is invited">
              An invitation is a link that works once and names the role it gives.
            </Empty>
          ) : (
            <div className="table-scroll">
              <table className="table">
                <thead>
                  <tr>
                    <th>Person</th>
                    <th className="text">Role</th>
                    <th className="hide-narrow">Until</th>
                    <th className="text">State</th>
                    <ActionHead />
                  </tr>
                </thead>
                <tbody>
                  {shown(data).map(one => (
                    <tr key={one.id} data-off={one.state === "revoked" || one.state === "expired" || undefined}>
                      <td className="wraps person">
                        {one.email}
                        <small>by {one.created_by}</small>
                      </td>
                      <td className="text">
                        <span className="grant" data-role={one.role}>
                          {one.role} · {scopeName(one.app_id)}
                        </span>
                      </td>
                      <DateCell at={one.expires_at} />
                      <td className="text">
                        <span className="light" data-light={STATES[one.state].tone}>
                          <i aria-hidden="true" /> {STATES[one.state].text}
                        </span>
                      </td>
                      <td>
                        {one.state === "open" && (
                          <ActionButton busy={submit.busy} run={() => void revoke(one.id)}>
                            Revoke
                          </ActionButton>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
      {isInviting && (
        <InviteDialog
          onMade={link => {
            setMade(link);
            setInviting(false);
            answer.retry();
          }}
          onClose={() => setInviting(false)}
        />
      )}
    </section>
  );
}
