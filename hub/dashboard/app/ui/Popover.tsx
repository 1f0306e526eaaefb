/**
 * A button that opens a panel. Closes with Esc, with a click elsewhere, when the focus goes elsewhere, or when the panel says so.
 * The arrow keys walk what is in it.
 */
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { beside } from "./beside";

interface Props {
  label: ReactNode;
  /** Says what the button is for where its text alone does not. */
  title: string;
  className?: string;
  children: (close: () => void) => ReactNode;
}

export function Popover({ label, title, className = "", children }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => (open ? keepPlaced(button.current, panel.current) : undefined), [open]);
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
      className={className}
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
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      {open && (
        <div className="popover" ref={panel} popover="manual" role="dialog" aria-label={title}>
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

/** Shows a panel above everything else, so that nothing cuts it off, and keeps it beside its button, whatever scrolls or grows. */
function keepPlaced(button: HTMLElement | null, panel: HTMLElement | null): (() => void) | undefined {
  if (!button || !panel) return undefined;
  const place = () => {
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    const { left, top } = beside(button.getBoundingClientRect(), panel.getBoundingClientRect(), { width, height });
    panel.style.left = `${left}px`;
    panel.style.top = `${top}px`;
  };
  panel.showPopover();
  place();
  const grown = new ResizeObserver(place);
  grown.observe(panel);
  const moved = new AbortController();
  window.addEventListener("resize", place, { signal: moved.signal });
  window.addEventListener("scroll", place, { capture: true, passive: true, signal: moved.signal });
  return () => {
    grown.disconnect();
    moved.abort();
  };
}
