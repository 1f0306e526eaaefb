/**
 * An OpenID Connect provider for the hub's tests: a real one, on a free port of 127.0.0.1.
 *
 * Prints its issuer and ends when its standard input closes. People log in with their name and any password.
 */
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const REDIRECT_URI = "http://hub.test/sendry/api/v1/session/oidc/callback";

const PEOPLE = {
  ann: { email: "Ann@example.com", email_verified: true, groups: ["staff", "ops"] },
  bob: { email: "bob@example.com", email_verified: true, groups: ["shop-team"] },
  cleo: { email: "cleo@example.com", email_verified: true, groups: ["staff"] },
  dora: { email: "dora@example.com", email_verified: false, groups: ["ops"] },
  eve: { email: "eve@elsewhere.example", email_verified: true, groups: ["ops"] },
};

const client = {
  client_id: "sendry",
  client_secret: "the secret of the hub",
  redirect_uris: [REDIRECT_URI],
  grant_types: ["authorization_code"],
  response_types: ["code"],
};

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client],
    claims: { email: ["email", "email_verified"], groups: ["groups"] },
    scopes: ["openid", "email", "groups"],
    findAccount: (_, sub) => PEOPLE[sub] && { accountId: sub, claims: () => ({ sub, ...PEOPLE[sub] }) },
    // Some providers put claims into the ID token, others only into userinfo.
    conformIdTokenClaims: process.argv[2] === "userinfo",
    cookies: { keys: ["only for tests"] },
  });
  server.on("request", provider.callback());
  process.stdout.write(`${issuer}\n`);
});

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
