/** The doors: logging in, and making the first admin with the link that the hub printed. Shown in place, so that the address is kept. */
import { type FormEvent, type ReactNode, useState } from "react";
import { logIn, setUp } from "../api/session";
import { useTitle } from "../ui/AppFrame";
import { Logo } from "../ui/icons";
import { useLocation } from "../url/location";
import "./login/login.css";

/** As the hub demands. */
const PASSWORD_MIN = 10;

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
      hint={`At least ${PASSWORD_MIN} characters`}
    />
  );
}

interface DoorProps {
  title: string;
  note: ReactNode;
  action: string;
  submit: (email: string, password: string) => Promise<void>;
  autoComplete: "current-password" | "new-password";
  hint?: string;
}

function Door({ title, note, action, submit, autoComplete, hint }: DoorProps) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await submit(email.trim(), password);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <main className="door">
      <div className="door-brand">
        <Logo /> Sendry
      </div>
      <form className="panel" onSubmit={send}>
        <h1>{title}</h1>
        {note && <p className="muted">{note}</p>}
        <label className="field">
          E-mail
          <input
            className="input"
            type="email"
            autoComplete="username"
            value={email}
            onChange={event => setEmail(event.target.value)}
            required
          />
        </label>
        <label className="field">
          Password
          <input
            className="input"
            type="password"
            autoComplete={autoComplete}
            minLength={autoComplete === "new-password" ? PASSWORD_MIN : undefined}
            value={password}
            onChange={event => setPassword(event.target.value)}
            required
          />
          {hint && <small className="muted">{hint}</small>}
        </label>
        {problem && (
          <p className="field-error" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="button button-primary" disabled={busy}>
          {action}
        </button>
      </form>
    </main>
  );
}
