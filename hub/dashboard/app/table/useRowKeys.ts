/** `j` and `k` walk the rows of a page's tables; Enter follows the link that has the focus, as everywhere. */
import type { RefObject } from "react";
import { useShortcuts } from "../ui/useShortcuts";

export function useRowKeys(body: RefObject<HTMLTableSectionElement | null>): void {
  const walk = (by: 1 | -1) => {
    // Of several tables the first answers for all.
    if (document.querySelector("[data-rows]") !== body.current) return;
    const links = [...document.querySelectorAll<HTMLAnchorElement>("[data-rows] a.endpoint-link")];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by));
    links[next]?.focus();
    links[next]?.scrollIntoView({ block: "nearest" });
  };
  useShortcuts({ j: () => walk(1), k: () => walk(-1) });
}
