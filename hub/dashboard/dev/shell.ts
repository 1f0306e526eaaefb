/** Puts the styles of the application behind the shell, which has its own: nothing of it waits for them. */
import type { Plugin } from "vite";

const STYLES = /\s*<link rel="stylesheet"[^>]*href="[^"]*\/assets\/[^>]*>/g;

export function shell(): Plugin {
  return {
    name: "sendry-shell",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: html => {
        const styles = html.match(STYLES) ?? [];
        return html.replaceAll(STYLES, "").replace(/\s*<\/body>/, `${styles.join("")}\n  </body>`);
      },
    },
  };
}
