/**
 * The build. Pages have addresses of several levels, so `index.html` names its assets absolutely; scripts and styles name theirs
 * relatively, so that a sub-path concerns that one file only.
 */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { budget } from "./dev/budget.ts";
import { mockHub } from "./dev/plugin.ts";
import { shell } from "./dev/shell.ts";

export default defineConfig({
  base: "./",
  experimental: { renderBuiltUrl: (file, { hostType }) => (hostType === "html" ? `/${file}` : { relative: true }) },
  plugins: [react(), shell(), budget(), mockHub()],
  build: {
    outDir: "dist",
    license: { fileName: "licences.md" },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
  test: { include: ["app/**/*.test.ts"], environment: "node" },
});
