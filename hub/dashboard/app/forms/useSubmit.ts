/** Sends what a form holds, once at a time. What was typed stays where it is, whatever the hub says. */
import { useState } from "react";
import { ApiProblem } from "../api/client";

export interface Submit {
  busy: boolean;
  problem: ApiProblem | null;
  /** Runs the change; answers whether it went through. */
  run: (change: () => Promise<unknown>) => Promise<boolean>;
  forget: () => void;
}

export function useSubmit(): Submit {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const run = async (change: () => Promise<unknown>) => {
    if (busy) return false;
    setBusy(true);
    setProblem(null);
    try {
      await change();
      return true;
    } catch (error) {
      setProblem(error instanceof ApiProblem ? error : new ApiProblem(0, "Something went wrong", String(error)));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, run, forget: () => setProblem(null) };
}
