/**
 * A button that opens a panel. Closes with Esc, with a click elsewhere, when the focus goes elsewhere, or when the panel says so.
 * The arrow keys walk what is in it.
 */
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
    if (!open) return;
    if (event.key === "Escape") close();
    else if (!walk(root.current, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc is heard wherever the focus is within
    <div
      className={`popover-root ${className}`}
      ref={root}
      onKeyDown={keyDown}
      onBlur={event => event.relatedTarget && !root.current?.contains(event.relatedTarget) && setOpen(false)}
      data-popover-open={open || undefined}
    >
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

/** Moves the focus among the entries of a menu; whether the key meant that. */
function walk(root: HTMLElement | null, key: string): boolean {
  const by = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  const entries = [...(root?.querySelectorAll<HTMLElement>(".menu :is(button, input)") ?? [])];
  const at = entries.indexOf(document.activeElement as HTMLElement);
  if (by === 0 || at < 0) return false;
  entries[(at + by + entries.length) % entries.length]?.focus();
  return true;
}

/** Below a button and in line with its right edge. What scrolls then closes nothing: the panel is short-lived. */
function below(button: HTMLElement): { top: number; right: number } {
  const { bottom, right } = button.getBoundingClientRect();
  return { top: bottom + 4, right: document.documentElement.clientWidth - right };
}
