/** A secret that is shown this once: a key, a token, a link. */
import type { ReactNode } from "react";
import { CopyButton } from "../ui/CopyButton";

interface Props {
  value: string;
  /** Names it for the button: "the link". */
  what: string;
  onClose: () => void;
  children: ReactNode;
}

export function Secret({ value, what, onClose, children }: Props) {
  return (
    <div className="secret" role="status">
      <p>{children}</p>
      <div className="secret-value">
        <code>{value}</code>
        <CopyButton text={value} what={what} />
      </div>
      <button type="button" className="button button-small" onClick={onClose}>
        I have kept it
      </button>
    </div>
  );
}
