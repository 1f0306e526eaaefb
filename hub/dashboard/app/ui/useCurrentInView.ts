/** On phones the pages stand in a row that scrolls: the one that is looked at is in view. */
import { type RefObject, useEffect, useRef } from "react";

/** `current` names the page; the link to it has `aria-current`. */
export function useCurrentInView(current: string): RefObject<HTMLElement | null> {
  const nav = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page has another link
  useEffect(() => {
    const link = nav.current?.querySelector('[aria-current="page"]');
    if (!nav.current || !link || nav.current.scrollWidth <= nav.current.clientWidth) return;
    const [row, own] = [nav.current.getBoundingClientRect(), link.getBoundingClientRect()];
    nav.current.scrollLeft += own.left - row.left - (row.width - own.width) / 2;
  }, [current]);
  return nav;
}
