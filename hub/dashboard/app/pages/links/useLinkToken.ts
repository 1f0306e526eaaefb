/** The secret of a link, behind `#`, where no server and no log sees it. It is taken out of the address at once. */
import { useEffect, useState } from "react";

function takeToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (token !== null) window.history.replaceState(null, "", window.location.pathname);
  return token;
}

// Kept beside React, whose strict mode asks for first states twice.
let taken: string | null = null;

function latestToken(): string | null {
  taken = takeToken() ?? taken;
  return taken;
}

export function useLinkToken(): string | null {
  const [token, setToken] = useState(latestToken);
  // A link that is pasted where another was open loads no new page.
  useEffect(() => {
    const changed = () => setToken(latestToken());
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return token;
}
