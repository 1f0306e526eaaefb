/** Where a new password is set with the link that an admin made. */
import { resetPassword } from "../../api/session";
import { useTitle } from "../../ui/AppFrame";
import { navigate } from "../../url/location";
import { Door, DoorNote } from "../login/Door";
import { useLinkToken } from "./useLinkToken";

export default function PasswordResetPage() {
  useTitle("New password");
  const token = useLinkToken();
  if (token === null)
    return <DoorNote title="The link is not whole">Open the whole link, with what stands behind “#”.</DoorNote>;
  return (
    <Door
      title="Set a new password"
      note="The link works once. All sessions of the account end."
      action="Set the password"
      email={null}
      autoComplete="new-password"
      submit={async (_, password) => {
        await resetPassword(token, password);
        navigate("/", "replace");
      }}
    />
  );
}
