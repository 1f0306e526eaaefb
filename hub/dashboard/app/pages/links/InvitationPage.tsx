/** Where an invitation is accepted: what it is to, and the password of the new account. */
import { useEffect, useState } from "react";
import { lookAtInvitation } from "../../api/admin";
import { ApiProblem } from "../../api/client";
import type { InvitationLook } from "../../api/model";
import { ROLE_TEXTS } from "../../api/roles";
import { acceptInvitation } from "../../api/session";
import { dateTime } from "../../format/time";
import { useTitle } from "../../ui/AppFrame";
import { Skeleton } from "../../ui/notes";
import { navigate } from "../../url/location";
import { Door, DoorNote } from "../login/Door";
import { useLinkToken } from "./useLinkToken";

type Looked = { state: "asking" } | { state: "found"; invitation: InvitationLook } | { state: "gone"; why: string };

export default function InvitationPage() {
  useTitle("Invitation");
  const token = useLinkToken();
  const looked = useInvitation(token);
  if (token === null)
    return (
      <DoorNote title="The link is not whole">
        Open the whole link of the invitation, with what stands behind “#”.
      </DoorNote>
    );
  if (looked.state === "asking") return <Skeleton height={200} width={360} />;
  if (looked.state === "gone") return <DoorNote title="This invitation cannot be used">{looked.why}</DoorNote>;
  const { email, role, app_name, created_by, expires_at } = looked.invitation;
  return (
    <Door
      title="Welcome to Sendry"
      note={
        <>
          <b>{created_by}</b> invites you as <b>{role}</b> {app_name === null ? "of the whole hub" : <>of {app_name}</>}
          . {ROLE_TEXTS[role]}. The link works until {dateTime(expires_at)}.
        </>
      }
      action="Make my account"
      email={email}
      autoComplete="new-password"
      submit={async (_, password) => {
        await acceptInvitation(token, password);
        navigate("/", "replace");
      }}
    />
  );
}

function useInvitation(token: string | null): Looked {
  const [looked, setLooked] = useState<Looked>({ state: "asking" });
  useEffect(() => {
    if (token === null) return;
    lookAtInvitation(token).then(
      invitation => setLooked({ state: "found", invitation }),
      (error: unknown) =>
        setLooked({ state: "gone", why: error instanceof ApiProblem ? error.message : String(error) }),
    );
  }, [token]);
  return looked;
}
