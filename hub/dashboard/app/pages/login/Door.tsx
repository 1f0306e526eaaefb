/** The form at the doors: logging in, the first admin, an invitation, a new password. What was typed stays after a refusal. */
import { type FormEvent, type ReactNode, useState } from "react";
import { Field } from "../../forms/Field";
import { Refusal } from "../../forms/Refusal";
import { useSubmit } from "../../forms/useSubmit";
import { Logo } from "../../ui/icons";
import { Link } from "../../ui/Link";
import "./login.css";

/** As the hub demands. */
export const PASSWORD_MIN = 10;

/** What the hub says of the password alone; everything else concerns the form as a whole. */
const OF_PASSWORD = ["bad_password", "wrong_password"];

interface Props {
  title: string;
  note: ReactNode;
  action: string;
  /** The address that the link is for; null: none is asked. Left out: it is typed. */
  email?: string | null;
  autoComplete: "current-password" | "new-password";
  submit: (email: string, password: string) => Promise<void>;
  /** Other ways in. */
  children?: ReactNode;
}

export function Door({ title, note, action, email: given, autoComplete, submit, children }: Props) {
  const [email, setEmail] = useState(given ?? "");
  const [password, setPassword] = useState("");
  const sending = useSubmit();
  const ofPassword = OF_PASSWORD.includes(sending.problem?.kind ?? "");
  const typesEmail = given === undefined;
  const send = (event: FormEvent) => {
    event.preventDefault();
    void sending.run(() => submit(email.trim(), password));
  };
  return (
    <main className="door">
      <Brand />
      <form className="panel" onSubmit={send}>
        <h1>{title}</h1>
        {note && <p className="door-note">{note}</p>}
        {given !== null && (
          <Field label="E-mail">
            {field => (
              <input
                {...field}
                className="input"
                type="email"
                autoComplete="username"
                value={email}
                readOnly={!typesEmail}
                // biome-ignore lint/a11y/noAutofocus: the form is all there is on the page
                autoFocus={typesEmail}
                onChange={event => setEmail(event.target.value)}
                required
              />
            )}
          </Field>
        )}
        <Field
          label="Password"
          hint={autoComplete === "new-password" ? `At least ${PASSWORD_MIN} characters` : undefined}
          error={ofPassword ? (sending.problem?.message ?? null) : null}
        >
          {field => (
            <input
              {...field}
              className="input"
              type="password"
              autoComplete={autoComplete}
              minLength={autoComplete === "new-password" ? PASSWORD_MIN : undefined}
              value={password}
              // biome-ignore lint/a11y/noAutofocus: the form is all there is on the page
              autoFocus={!typesEmail}
              onChange={event => setPassword(event.target.value)}
              required
            />
          )}
        </Field>
        {!ofPassword && <Refusal of={sending} />}
        <button type="submit" className="button button-primary" disabled={sending.busy}>
          {action}
        </button>
        {children}
      </form>
    </main>
  );
}

/** A door without a form: why it does not open, or the one way in. */
export function DoorNote({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <main className="door">
      <Brand />
      <div className="panel door-closed">
        <h1>{title}</h1>
        {children && <p className="door-note">{children}</p>}
        {action ?? (
          <Link to="/" className="button">
            To the log-in
          </Link>
        )}
      </div>
    </main>
  );
}

function Brand() {
  return (
    <div className="door-brand">
      <Logo /> Sendry
    </div>
  );
}
