/** Who is logged in: nobody until it was asked, once, at the start; lost whenever the hub answers 401. */
import { useSyncExternalStore } from "react";
import * as admin from "./admin";
import { whenSignedOut } from "./client";
import type { LogInWays, User } from "./model";
import * as queries from "./queries";
import { forgetAnswers } from "./useQuery";

export type SessionState =
  | { state: "unreachable"; reason: string }
  | { state: "out"; setupRequired: boolean; expired: boolean; ways: LogInWays }
  | { state: "in"; user: User };

/** As the hub said last; how people log in does not change while it runs. */
let ways: LogInWays = { password: true, provider: null };
let current: SessionState = { state: "out", setupRequired: false, expired: false, ways };
const listeners = new Set<() => void>();

function become(next: SessionState): void {
  current = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useSession = () => useSyncExternalStore(subscribe, () => current);

/** Whether the user may change anything; the hub refuses viewers in any case. */
export function useCanEdit(): boolean {
  const session = useSession();
  return session.state === "in" && session.user.role !== "viewer";
}

/** Asks the hub who is logged in. */
export async function askSession(): Promise<void> {
  try {
    const { user, setup_required, log_in } = await queries.session();
    ways = log_in ?? ways;
    become(user ? { state: "in", user } : { state: "out", setupRequired: setup_required, expired: false, ways });
  } catch (error) {
    become({ state: "unreachable", reason: error instanceof Error ? error.message : String(error) });
  }
}

export async function logIn(email: string, password: string): Promise<void> {
  const { user } = await queries.logIn(email, password);
  become({ state: "in", user });
}

export async function setUp(token: string, email: string, password: string): Promise<void> {
  const { user } = await queries.setUp(token, email, password);
  become({ state: "in", user });
}

/** Becomes the user whom the invitation made. */
export async function acceptInvitation(token: string, password: string): Promise<void> {
  const { user } = await admin.acceptInvitation(token, password);
  forgetAnswers();
  become({ state: "in", user });
}

/** Becomes the user whose password was set anew. */
export async function resetPassword(token: string, password: string): Promise<void> {
  const { user } = await admin.sendPasswordReset(token, password);
  forgetAnswers();
  become({ state: "in", user });
}

export async function logOut(): Promise<void> {
  await queries.logOut();
  forgetAnswers();
  become({ state: "out", setupRequired: false, expired: false, ways });
}

whenSignedOut(() => {
  if (current.state === "in") become({ state: "out", setupRequired: false, expired: true, ways });
});
