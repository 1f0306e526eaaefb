/** The clock in unix seconds, ticking; for texts such as "12 s ago". */
import { useEffect, useState } from "react";

const now = () => Date.now() / 1000;

export function useNow(everyMs = 1000): number {
  const [secs, setSecs] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setSecs(now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return secs;
}
