/** A dialog that is open as long as it is on the page; whatever had the focus before has it again afterwards. */
import { type RefObject, useLayoutEffect, useRef } from "react";

/** `onClose` is called when the browser closed it, as it does after Esc. */
export function useModal(onClose?: () => void): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  const latest = useRef(onClose);
  latest.current = onClose;
  // Before the dialog leaves the page: afterwards closing it would give the focus back to nobody.
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (!shown) return;
    const before = document.activeElement;
    const closed = () => !shown.open && latest.current?.();
    shown.showModal();
    shown.addEventListener("close", closed);
    return () => {
      shown.removeEventListener("close", closed);
      shown.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return dialog;
}
