/** Asks before something that cannot be undone. What would be missed most must be typed first. */
import { type ReactNode, useState } from "react";
import { Field } from "./Field";
import { FormDialog } from "./FormDialog";
import { useSubmit } from "./useSubmit";

interface Props {
  title: string;
  action: string;
  /** What must be typed, such as the name of what is deleted. */
  typed?: string;
  change: () => Promise<unknown>;
  /** Called once it is done. */
  onDone: () => void;
  onClose: () => void;
  /** What follows from it. */
  children: ReactNode;
}

export function Confirm({ title, action, typed, change, onDone, onClose, children }: Props) {
  const submit = useSubmit();
  const [text, setText] = useState("");
  const send = async () => {
    if (await submit.run(change)) onDone();
  };
  return (
    <FormDialog
      title={title}
      action={action}
      submit={submit}
      ready={typed === undefined || text === typed}
      danger
      onSubmit={() => void send()}
      onClose={onClose}
    >
      <p className="dialog-text">{children}</p>
      {typed !== undefined && (
        <Field label={`Type “${typed}” to go on`}>
          {field => (
            <input
              {...field}
              className="input"
              value={text}
              autoComplete="off"
              spellCheck={false}
              onChange={event => setText(event.target.value)}
            />
          )}
        </Field>
      )}
    </FormDialog>
  );
}
