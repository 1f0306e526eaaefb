/** Logging in, and making the first admin with the link that the hub printed. Shown in place, so that the address is kept. */
import type { ReactNode } from "react";
import type { LogInWays } from "../api/model";
import { askSession, logIn, setUp } from "../api/session";
import { useTitle } from "../ui/AppFrame";
import { hubAddress } from "../url/base";
import { pathWith, useLocation } from "../url/location";
import { safeNext } from "../url/scope";
import { useLinkToken } from "./links/useLinkToken";
import { Door, DoorNote } from "./login/Door";

/** What the hub says when a log-in at the provider failed. */
const PROVIDER_ERRORS: Record<string, string> = {
  provider_unreachable: "The identity provider cannot be reached. Try again, or log in with a password.",
  provider_misconfigured: "The log-in at the provider is not set up right. An admin finds the reason in the hub’s log.",
  provider_denied: "The identity provider refused. Try again, or ask who runs it.",
  log_in_expired: "The log-in took too long. Begin again.",
  no_verified_email: "Your account at the provider has no verified e-mail address. Verify it there first.",
  domain_not_allowed: "The domain of your e-mail address may not log in here. Ask an admin.",
  no_role: "Your account at the provider has no role here. Ask an admin.",
  unknown_user: "There is no user of your e-mail address here. Ask an admin for an invitation.",
  disabled: "Your account is disabled. Ask an admin.",
  store_unavailable: "The hub cannot reach its store. Try again in a minute.",
};

interface Props {
  setupRequired: boolean;
  expired: boolean;
  ways: LogInWays;
}

export function LoginPage({ setupRequired, expired, ways }: Props) {
  useTitle("Log in");
  const { path, params } = useLocation();
  const error = params.get("error");
  const note =
    error !== null
      ? (PROVIDER_ERRORS[error] ?? "The log-in at the identity provider failed. Try again.")
      : expired
        ? "The session is over. Log in to go on where you were."
        : null;
  const next = path === "/login" ? safeNext(params.get("next")) : pathWith(path, params, {});
  const button = ways.provider && (
    <a className="button" href={`${hubAddress()}/api/v1/session/oidc?${new URLSearchParams({ next })}`}>
      Log in with {ways.provider}
    </a>
  );
  if (setupRequired) return <NoUserYet button={button} note={note} />;
  if (!ways.password && button)
    return (
      <DoorNote title="Log in" action={button}>
        {note}
      </DoorNote>
    );
  return (
    <Door title="Log in" note={note} action="Log in" submit={logIn} autoComplete="current-password">
      {button}
    </Door>
  );
}

/** Nobody can log in with a password here; at a provider somebody may become the first user. */
function NoUserYet({ button, note }: { button: ReactNode; note: string | null }) {
  return (
    <DoorNote
      title="This hub has no user yet"
      action={
        button || (
          <button type="button" className="button" onClick={() => void askSession()}>
            Look again
          </button>
        )
      }
    >
      {note && <>{note} </>}
      Open the set-up link that the hub printed when it started: it makes the first admin. A restart prints a new one.
    </DoorNote>
  );
}

export function FirstSetupPage() {
  useTitle("Set up");
  const token = useLinkToken() ?? "";
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
