/** Logging in, and making the first admin with the link that the hub printed. Shown in place, so that the address is kept. */
import { logIn, setUp } from "../api/session";
import { useTitle } from "../ui/AppFrame";
import { useLocation } from "../url/location";
import { Door } from "./login/Door";

export function LoginPage({ setupRequired, expired }: { setupRequired: boolean; expired: boolean }) {
  useTitle("Log in");
  const note = setupRequired
    ? "This hub has no user yet. Open the set-up link that it printed when it started."
    : expired
      ? "The session is over. Log in to go on where you were."
      : null;
  return <Door title="Log in" note={note} action="Log in" submit={logIn} autoComplete="current-password" />;
}

export function FirstSetupPage() {
  useTitle("Set up");
  const token = useLocation().params.get("token") ?? "";
  return (
    <Door
      title="Make the first admin"
      note={
        token === ""
          ? "The set-up token is missing from the address: open the link that the hub printed."
          : "This link works once."
      }
      action="Create admin"
      submit={(email, password) => setUp(token, email, password)}
      autoComplete="new-password"
    />
  );
}
