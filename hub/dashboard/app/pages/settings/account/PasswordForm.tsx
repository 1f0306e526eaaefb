/** A new password for oneself. */
import { type FormEvent, useState } from "react";
import { changePassword } from "../../../api/admin";
import { Field } from "../../../forms/Field";
import { useSubmit } from "../../../forms/useSubmit";
import { PASSWORD_MIN } from "../../login/Door";

export function PasswordForm() {
  const submit = useSubmit();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [isSaved, setSaved] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setSaved(false);
    if (!(await submit.run(() => changePassword(current, next)))) return;
    setCurrent("");
    setNext("");
    setSaved(true);
  };
  const { problem } = submit;
  const isWrong = problem?.kind === "wrong_password";
  return (
    <section className="panel" aria-label="Password">
      <div className="panel-head">
        <h2>Password</h2>
      </div>
      <form className="settings-form" onSubmit={event => void send(event)}>
        <Field label="Current password" error={isWrong ? problem.message : null}>
          {field => (
            <input
              {...field}
              className="input"
              type="password"
              autoComplete="current-password"
              value={current}
              onChange={event => setCurrent(event.target.value)}
              required
            />
          )}
        </Field>
        <Field
          label="New password"
          hint={`At least ${PASSWORD_MIN} characters`}
          error={problem && !isWrong ? problem.message : null}
        >
          {field => (
            <input
              {...field}
              className="input"
              type="password"
              autoComplete="new-password"
              minLength={PASSWORD_MIN}
              value={next}
              onChange={event => setNext(event.target.value)}
              required
            />
          )}
        </Field>
        <button type="submit" className="button button-primary" disabled={submit.busy}>
          Change the password
        </button>
        {isSaved && (
          <p className="saved-note" role="status">
            The password is changed. All other sessions have ended.
          </p>
        )}
      </form>
    </section>
  );
}
