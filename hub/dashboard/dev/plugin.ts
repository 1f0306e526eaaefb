/**
 * A mock hub for work on the dashboard alone: `npm run dev`, or `npm run build && npm run preview` with the content security
 * policy that the real hub sends. With `SENDRY_HUB=http://127.0.0.1:8600` both talk to a real hub instead.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import { reply } from "./hub.ts";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
}

async function answer(request: IncomingMessage, response: ServerResponse, next: Connect.NextFunction): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (!url.pathname.startsWith("/api/v1/")) return next();
  const { status, body, file } = reply(
    request.method ?? "GET",
    url.pathname.slice("/api/v1".length),
    url.searchParams,
    await bodyOf(request),
  );
  if (file) {
    response.writeHead(status, { "Content-Type": file.type, ...file.headers });
    response.end(file.text);
    return;
  }
  response.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

export function mockHub(): Plugin {
  const hub = process.env.SENDRY_HUB;
  return {
    name: "sendry-mock-hub",
    config: () => (hub ? { server: { proxy: { "/api": hub } }, preview: { proxy: { "/api": hub } } } : {}),
    configureServer(server) {
      if (!hub) server.middlewares.use((request, response, next) => void answer(request, response, next));
    },
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        response.setHeader("Content-Security-Policy", POLICY);
        if (hub) next();
        else void answer(request, response, next);
      });
    },
  };
}
