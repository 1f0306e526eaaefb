/** The share of failed requests: a triangle where the server failed, a diamond where only clients did. */
import { exact, percent } from "../format/numbers";
import { ClientErrorMark, ServerErrorMark } from "./icons";

interface Counts {
  requests: number;
  client_errors: number;
  server_errors: number;
  /** Those of them that nobody counts as errors, and how many of these were the server's. */
  expected_errors?: number;
  expected_server_errors?: number;
}

/** From this share of server errors on, the number itself is coloured too. */
const MANY = 0.01;

export function ErrorRate({ of: counted }: { of: Counts }) {
  const { requests, client_errors, server_errors, expected_errors = 0, expected_server_errors = 0 } = counted;
  const failed = client_errors + server_errors - expected_errors;
  const server_failed = server_errors - expected_server_errors;
  const counts = `${exact(client_errors)} client errors (4xx), ${exact(server_errors)} server errors (5xx)`;
  const title = expected_errors > 0 ? `${counts}; ${exact(expected_errors)} of them are expected and left out` : counts;
  const kind = failed === 0 ? "none" : server_failed > 0 ? "bad" : "warn";
  return (
    <span
      className={`error-rate error-rate-${kind}`}
      data-many={(server_failed >= requests * MANY && server_failed > 0) || undefined}
      title={requests > 0 ? title : undefined}
    >
      {kind === "bad" && <ServerErrorMark />}
      {kind === "warn" && <ClientErrorMark />}
      {percent(failed, requests)}
      {kind !== "none" && (
        <span className="visually-hidden">{kind === "bad" ? ", with server errors" : ", client errors only"}</span>
      )}
    </span>
  );
}

/** How satisfied users are, in a word, by Apdex's own scale. */
export function apdexWord(value: number): string {
  const words = [
    [0.94, "excellent"],
    [0.85, "good"],
    [0.7, "fair"],
    [0.5, "poor"],
  ] as const;
  return words.find(([least]) => value >= least)?.[1] ?? "unacceptable";
}
