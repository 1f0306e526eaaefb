/** What the mock hub knows of people: accounts, invitations, tokens, and the log of what was changed. */
import type { Reply } from "./hub.ts";
import { now, startedAt } from "./reads.ts";

interface Grant {
  role: string;
  app_id: string | null;
}

const SHOP = "0b6e5c1e-3a52-4f0e-9c52-6f1f0e6f7d01";
const ADA = "5d1f2a80-0000-4000-8000-000000000001";
const everywhere = (role: string): Grant[] => [{ role, app_id: null }];
const DAY = 86_400;

const user = (id: string, email: string, grants: Grant[], rest: object = {}) => ({
  id,
  email,
  grants,
  has_password: true,
  created_at: startedAt - 40 * DAY,
  last_log_in_at: (startedAt - 3_600) as number | null,
  disabled_at: null as number | null,
  ...rest,
});

const users = [
  user(ADA, "ada@example.com", everywhere("admin")),
  user("u2", "grace@example.com", [{ role: "editor", app_id: SHOP }], { last_log_in_at: startedAt - 5 * DAY }),
  user("u3", "linus@example.com", everywhere("viewer"), { has_password: false }),
  user("u4", "left@example.com", [], { disabled_at: startedAt - 9 * DAY, last_log_in_at: null }),
];

const invitations = [
  {
    id: "i1",
    email: "margaret@example.com",
    role: "viewer",
    app_id: SHOP as string | null,
    state: "open",
    created_by: "ada@example.com",
    created_at: startedAt - DAY,
    expires_at: startedAt + 6 * DAY,
    accepted_at: null as number | null,
    revoked_at: null as number | null,
  },
];

const tokens = [
  {
    id: "t1",
    name: "nightly report",
    prefix: "sdt_91c2",
    role: "viewer",
    app_id: null as string | null,
    created_by: "ada@example.com",
    created_at: startedAt - 30 * DAY,
    expires_at: (startedAt + 60 * DAY) as number | null,
    last_used_at: (startedAt - 900) as number | null,
    revoked_at: null as number | null,
  },
];

const audit: object[] = [];

function log(action: string, target_name: string, details: object = {}): void {
  const actor = { kind: "user", id: ADA, name: "ada@example.com", address: "127.0.0.1" };
  audit.unshift({
    id: audit.length + 1,
    at: now(),
    actor,
    action,
    target_id: null,
    target_name,
    app_id: null,
    details,
  });
}
log("app.create", "shop");
log("user.change_roles", "grace@example.com", { before: [], after: [{ role: "editor", app_id: SHOP }] });

export const signedIn = {
  id: ADA,
  email: "ada@example.com",
  role: "admin",
  grants: everywhere("admin"),
  has_password: true,
};

const done: Reply = { status: 204 };
const list = (data: unknown): Reply => ({ status: 200, body: { data } });
const problem = (status: number, type: string, detail: string): Reply => ({
  status,
  body: { type, title: "Refused", status, detail },
});
type Body = Record<string, string>;

const account = (method: string, what: string | undefined, body: Body): Reply => {
  if (what === "password")
    return body.current_password === "wrong"
      ? problem(400, "wrong_password", "The current password is not right.")
      : done;
  const own = { address: "127.0.0.1", created_at: startedAt - DAY, last_seen_at: now() };
  const agent = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0";
  return method === "GET"
    ? list([
        { id: "s1", current: true, user_agent: agent, ...own },
        { id: "s2", current: false, user_agent: "curl/8.5.0", ...own, last_seen_at: startedAt - 3 * DAY },
      ])
    : done;
};

const people = (method: string, id: string | undefined, what: string | undefined, body: unknown): Reply => {
  const found = users.find(one => one.id === id);
  if (id === undefined) return list(users);
  if (found === undefined) return problem(404, "not_found", "There is no such user.");
  if (what === "password-reset")
    return { status: 201, body: { id, token: "sdr_x", path: "/password-reset#token=sdr_x", expires_at: now() + DAY } };
  if (method === "PATCH") {
    const { grants, disabled } = body as { grants?: Grant[]; disabled?: boolean };
    if (grants) found.grants = grants;
    if (disabled !== undefined) found.disabled_at = disabled ? now() : null;
    return { status: 200, body: found };
  }
  if (method === "DELETE" && what === undefined) users.splice(users.indexOf(found), 1);
  return done;
};

const inviting = (method: string, id: string | undefined, body: Body): Reply => {
  const [first] = invitations;
  if (id === "look") return { status: 200, body: { ...first, app_name: "shop" } };
  if (id === "accept") return { status: 200, body: { user: signedIn } };
  if (method === "GET") return list(invitations);
  if (method === "DELETE") {
    for (const one of invitations) if (one.id === id) Object.assign(one, { state: "revoked", revoked_at: now() });
    return done;
  }
  if (users.some(one => one.email === body.email))
    return problem(409, "email_taken", "There is a user of this address already.");
  const made = {
    ...first,
    id: `i${invitations.length + 1}`,
    email: body.email ?? "",
    role: body.role ?? "viewer",
    state: "open",
  };
  invitations.unshift({ ...made, app_id: body.app_id ?? null, expires_at: now() + 7 * DAY } as (typeof invitations)[0]);
  return {
    status: 201,
    body: { id: made.id, token: "sdi_x", path: "/invitation#token=sdi_x", expires_at: now() + 7 * DAY },
  };
};

const tokening = (method: string, id: string | undefined, body: Body): Reply => {
  if (method === "GET") return list(tokens);
  if (method === "DELETE") {
    for (const one of tokens) if (one.id === id) one.revoked_at = now();
    return done;
  }
  const made = { id: `t${tokens.length + 1}`, name: body.name ?? "", prefix: "sdt_0a1b", role: body.role ?? "viewer" };
  tokens.unshift({
    ...tokens[0],
    ...made,
    app_id: body.app_id ?? null,
    created_at: now(),
    last_used_at: null,
  } as (typeof tokens)[0]);
  return {
    status: 201,
    body: { id: made.id, token: "sdt_0a1b_0123456789abcdefghijklmnop", prefix: made.prefix, expires_at: null },
  };
};

/** The answer to a path of this part; none to others. */
export function administer(method: string, path: string, body: Body): Reply | null {
  const [, first, second, third] = path.split("/");
  switch (first) {
    case "account":
      return account(method, second, body);
    case "users":
      return people(method, second, third, body);
    case "invitations":
      return inviting(method, second, body);
    case "password-reset":
      return { status: 200, body: { user: signedIn } };
    case "tokens":
      return tokening(method, second, body);
    case "audit-log":
      return { status: 200, body: { data: audit, next: null } };
    default:
      return null;
  }
}
