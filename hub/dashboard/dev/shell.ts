/**
 * Has the styles of the application only preloaded, so that the shell of `index.html` waits for none of them. The application makes
 * them hold when it starts (`app/styles.ts`), where they stand: styles of single pages come after them.
 */
import type { Plugin } from "vite";

const STYLES = /<link rel="stylesheet"([^>]*href="[^"]*\/assets\/)/g;

export function shell(): Plugin {
  return {
    name: "sendry-shell",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: html => html.replaceAll(STYLES, '<link rel="preload" as="style"$1'),
    },
  };
}
