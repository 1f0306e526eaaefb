/** A button that opens a panel. Closes with Esc, with a click elsewhere, or when the panel says so. */
import { type ReactNode, useEffect, useRef, useState } from "react";

interface Props {
  label: ReactNode;
  /** Says what the button is for where its text alone does not. */
  title: string;
  className?: string;
  /** Where the panel must not be cut off by a table that scrolls: it is placed on the page, not within its parent. */
  floating?: boolean;
  children: (close: () => void) => ReactNode;
}

export function Popover({ label, title, className = "", floating = false, children }: Props) {
  const [open, setOpen] = useState(false);
  const [place, setPlace] = useState<{ top: number; right: number } | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    root.current?.querySelector<HTMLElement>(".popover button, .popover input")?.focus();
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const keyDown = (event: React.KeyboardEvent) => {
    if (event.key !== "Escape" || !open) return;
    event.preventDefault();
    close();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc is heard wherever the focus is within
    <div className={`popover-root ${className}`} ref={root} onKeyDown={keyDown} data-popover-open={open || undefined}>
      <button
        type="button"
        className="button"
        ref={button}
        title={title}
        aria-expanded={open}
        aria-haspopup="dialog"
        onClick={() => {
          setPlace(floating && button.current ? below(button.current) : null);
          setOpen(!open);
        }}
      >
        {label}
      </button>
      {open && (
        <div
          className="popover"
          role="dialog"
          aria-label={title}
          style={place ? { position: "fixed", ...place } : undefined}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}

/** Below a button and in line with its right edge. What scrolls then closes nothing: the panel is short-lived. */
function below(button: HTMLElement): { top: number; right: number } {
  const { bottom, right } = button.getBoundingClientRect();
  return { top: bottom + 4, right: document.documentElement.clientWidth - right };
}
