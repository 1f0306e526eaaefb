/** Where the dashboard is mounted: `/`, or the sub-path that the hub wrote into the page. Ends with a slash. */

function readBase(): string {
  if (typeof document === "undefined") return "/";
  const content = document.querySelector<HTMLMetaElement>('meta[name="sendry-base"]')?.content ?? "/";
  return content.endsWith("/") ? content : `${content}/`;
}

export const BASE = readBase();

/** The address of the hub as the browser reaches it, without a slash at its end. */
export function hubAddress(): string {
  const origin = typeof window === "undefined" ? "http://localhost" : window.location.origin;
  return (origin + BASE).replace(/\/$/, "");
}
