/** The secret of a link, behind `#`, where no server and no log sees it. It is taken out of the address at once. */
import { useState } from "react";

function takeToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (token !== null) window.history.replaceState(null, "", window.location.pathname);
  return token;
}

// Kept beside React, whose strict mode asks for first states twice.
let taken: string | null = null;

export function useLinkToken(): string | null {
  const [token] = useState(() => {
    taken = takeToken() ?? taken;
    return taken;
  });
  return token;
}
