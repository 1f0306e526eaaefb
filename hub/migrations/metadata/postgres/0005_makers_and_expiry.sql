-- Whose rights tokens, invitations and password resets rest on, and consumers that expire.

-- NULL: the command line or the automatic log-in on loopback made it. A user who is gone stays named: nobody else gets the id.
ALTER TABLE tokens ADD COLUMN maker_id UUID;
ALTER TABLE invitations ADD COLUMN maker_id UUID;
ALTER TABLE password_resets ADD COLUMN maker_id UUID;

UPDATE tokens SET maker_id = (SELECT id FROM users WHERE email = created_by);
UPDATE invitations SET maker_id = (SELECT id FROM users WHERE email = created_by);
-- Whoever made them is gone, so they end.
UPDATE tokens SET revoked_at = EXTRACT(EPOCH FROM now())::bigint
    WHERE maker_id IS NULL AND created_by IS NOT NULL AND created_by != 'operator@localhost' AND revoked_at IS NULL;
UPDATE invitations SET revoked_at = EXTRACT(EPOCH FROM now())::bigint
    WHERE maker_id IS NULL AND created_by != 'operator@localhost' AND accepted_at IS NULL AND revoked_at IS NULL;
-- Nobody knows who made those that are open. They last a day.
DELETE FROM password_resets;

CREATE INDEX consumers_by_last_seen ON consumers (last_seen_at);
