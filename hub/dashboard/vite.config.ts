/** The build: relative addresses throughout, so that one build serves from any sub-path (see `index.html`). */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockHub } from "./dev/plugin.ts";

export default defineConfig({
  base: "./",
  plugins: [react(), mockHub()],
  build: { outDir: "dist", assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: "es2022" },
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
  test: { include: ["app/**/*.test.ts"], environment: "node" },
});
