/** Details beside the page, with an address of their own. Esc, the button and a click beside it close it. */
import { type ReactNode, useEffect } from "react";
import "./drawer.css";
import { CloseIcon } from "./icons";
import { ToldAbove } from "./notes";
import { useModal } from "./useModal";

interface Props {
  title: ReactNode;
  /** For those who do not see the title. */
  label: string;
  onClose: () => void;
  /** For what needs more room than a few facts. */
  wide?: boolean;
  /** Single keys that work while it is open, except while something is typed. */
  keys?: Record<string, () => void>;
  children: ReactNode;
}

export function Drawer({ title, label, onClose, wide = false, keys = {}, children }: Props) {
  const dialog = useModal();
  useEffect(() => dialog.current?.focus(), [dialog]);
  return (
    <dialog
      ref={dialog}
      className={wide ? "drawer drawer-wide" : "drawer"}
      tabIndex={-1}
      aria-label={label}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={event => {
        const typing = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
        if (!typing && !event.metaKey && !event.ctrlKey && !event.altKey) keys[event.key]?.();
      }}
      onClick={event => event.target === dialog.current && onClose()}
    >
      <div className="drawer-inside">
        <header className="drawer-head">
          <div>{title}</div>
          <button
            type="button"
            className="button button-icon button-quiet"
            onClick={onClose}
            aria-label="Close"
            title="Close (Esc)"
          >
            <CloseIcon />
          </button>
        </header>
        {/* It covers what is told on the page. */}
        <ToldAbove value={false}>{children}</ToldAbove>
      </div>
    </dialog>
  );
}

/** One part of a drawer. */
export function DrawerPart({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="drawer-part">
      <div className="drawer-part-head">
        <h3>{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names and values, such as when something was seen first. */
export function Facts({ of }: { of: readonly { label: string; value: ReactNode; title?: string }[] }) {
  return (
    <dl className="facts">
      {of.map(({ label, value, title }) => (
        <div key={label} title={title}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
