/** Fails a build whose first page would load more JavaScript than it may, and prints what it loads. */
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** What the first page may load, compressed. */
const FIRST_PAGE_MAX_KB = 300;

export function budget(): Plugin {
  return {
    name: "sendry-budget",
    apply: "build",
    generateBundle(_, bundle) {
      const first = new Set<string>();
      const load = (file: string) => {
        const chunk = bundle[file];
        if (chunk?.type !== "chunk" || first.has(file)) return;
        first.add(file);
        chunk.imports.forEach(load);
      };
      for (const [file, chunk] of Object.entries(bundle)) if (chunk.type === "chunk" && chunk.isEntry) load(file);
      const code = [...first].map(file => (bundle[file] as { code: string }).code);
      const kb = code.reduce((sum, one) => sum + gzipSync(one).length, 0) / 1000;
      const found = `the first page loads ${kb.toFixed(1)} KB of JavaScript (gzip), ${FIRST_PAGE_MAX_KB} are allowed`;
      if (kb > FIRST_PAGE_MAX_KB) this.error(found);
      this.info(found);
    },
  };
}
