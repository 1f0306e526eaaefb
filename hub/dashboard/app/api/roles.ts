/** What the person who is logged in may do. The hub decides in any case; this only keeps what it would refuse off the screen. */
import type { Grant, Role, User } from "./model";
import { useSession } from "./session";

const RANK: Record<Role, number> = { viewer: 1, editor: 2, admin: 3 };

export const ROLES: readonly Role[] = ["viewer", "editor", "admin"];
export const ROLE_TEXTS: Record<Role, string> = {
  viewer: "Looks at everything, changes nothing",
  editor: "Also changes apps, their keys and thresholds",
  admin: "Also manages users and their roles",
};

/** Whether at least `role` is held on the app; without an app, on the whole hub. */
export function may(grants: readonly Grant[], role: Role, appId: string | null = null): boolean {
  return grants.some(grant => RANK[grant.role] >= RANK[role] && (grant.app_id == null || grant.app_id === appId));
}

/** Whether at least `role` is held anywhere. */
export const maySomewhere = (grants: readonly Grant[], role: Role) =>
  grants.some(grant => RANK[grant.role] >= RANK[role]);

const NOTHING: readonly Grant[] = [];

export function useUser(): User | null {
  const session = useSession();
  return session.state === "in" ? session.user : null;
}

export const useGrants = () => useUser()?.grants ?? NOTHING;
export const useMay = (role: Role, appId: string | null = null) => may(useGrants(), role, appId);
export const useMaySomewhere = (role: Role) => maySomewhere(useGrants(), role);
