/** An HTTP method. Its colour is a help for the eye; the word says it. */
const KNOWN = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);

export function MethodBadge({ method }: { method: string }) {
  return (
    <span className="method" data-method={KNOWN.has(method) ? method : "OTHER"}>
      {method === "_OTHER" ? "OTHER" : method}
    </span>
  );
}
