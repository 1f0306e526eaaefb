/** A short form above the page. Esc and Cancel leave everything as it was; a refusal keeps what was typed. */
import { type FormEvent, type ReactNode, useId } from "react";
import { useModal } from "../ui/useModal";
import type { Submit } from "./useSubmit";

interface Props {
  title: string;
  action: string;
  submit: Submit;
  /** Whether the form may be sent as it is. */
  ready?: boolean;
  danger?: boolean;
  /** Names of problems that are shown beside a field, not below the form. */
  besideFields?: readonly string[];
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function FormDialog({ title, action, submit, ready = true, danger, besideFields, ...rest }: Props) {
  const { onSubmit, onClose, children } = rest;
  const dialog = useModal(onClose);
  const id = useId();
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !submit.busy) onSubmit();
  };
  const { problem } = submit;
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={id}>
      <form onSubmit={send}>
        <h2 id={id}>{title}</h2>
        {children}
        {problem && !besideFields?.includes(problem.kind) && (
          <p className="field-error" role="alert">
            {problem.message}
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className={`button ${danger ? "button-danger-solid" : "button-primary"}`}
            disabled={!ready || submit.busy}
          >
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
