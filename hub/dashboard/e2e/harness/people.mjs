/** People for the tests: each is invited by the admin of the tests, and accepts. */

let made = 0;

/** An address that no test used before. */
export const newEmail = () => `somebody-${Date.now().toString(36)}-${++made}@example.com`;

const PASSWORD = "another password for tests";

/** Somebody with a role, logged in; `app_id` null is the whole hub. */
export async function newPerson(subject, role, app_id = null) {
  const email = newEmail();
  const { token } = await subject.ask("/invitations", { method: "POST", body: { email, role, app_id } });
  const response = await fetch(new URL("/api/v1/invitations/accept", subject.url), {
    method: "POST",
    headers: { "content-type": "application/json", "x-sendry-request": "1" },
    body: JSON.stringify({ token, password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`accepting an invitation: ${response.status} ${await response.text()}`);
  const cookies = response.headers.getSetCookie().map(one => one.split(";")[0]);
  return { url: subject.url, email, password: PASSWORD, cookies };
}
