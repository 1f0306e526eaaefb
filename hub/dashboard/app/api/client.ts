/** The way to the hub: one typed client, one kind of failure. */
import createClient, { type Middleware } from "openapi-fetch";
import { hubAddress } from "../url/base";
import { reached } from "./reach";
import type { paths } from "./schema";

/** An answer of the hub that is not a success, or no answer at all (`status` 0). */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string | null,
    /** The kind of problem, by its short name. */
    readonly kind = "",
  ) {
    super(detail ?? title);
    this.name = "ApiProblem";
  }
}

/** The kind of a problem that is no answer at all. */
export const UNREACHABLE = "unreachable";

let onSignedOut: () => void = () => {};

/** Called whenever the hub says that the session is over. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** Unsafe methods carry a header that no other site can send without being asked by the hub. */
const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-Sendry-Request", "1");
    return request;
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== "/session") onSignedOut();
  },
};

export const hub = createClient<paths>({ baseUrl: `${hubAddress()}/api/v1`, credentials: "same-origin" });
hub.use(guard);

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function problemOf(response: Response, body: unknown): ApiProblem {
  const { title, detail, type } = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const name = typeof title === "string" ? title : response.statusText || `Status ${response.status}`;
  return new ApiProblem(response.status, name, typeof detail === "string" ? detail : null, String(type ?? ""));
}

/** Waits for an answer: its data, or an [`ApiProblem`]. */
export async function answer<T>(sent: Promise<Outcome<T>>): Promise<T> {
  const outcome = await sent.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    reached(false);
    const detail = "Check the connection, and that the hub is running.";
    throw new ApiProblem(0, "The hub cannot be reached", detail, UNREACHABLE);
  });
  reached(true);
  if (!outcome.response.ok) throw problemOf(outcome.response, outcome.error);
  return outcome.data as T;
}
