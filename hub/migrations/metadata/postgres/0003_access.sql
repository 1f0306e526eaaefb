-- Who may see what: grants, invitations, links that reset a password, identities at a provider, the audit log.

-- A role is now held somewhere: on the whole hub (no app) or on one app. A person who comes from an identity provider has no
-- password.
CREATE TABLE grants (
    user_id UUID NOT NULL REFERENCES users (id),
    app_id UUID REFERENCES apps (app_id),
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin'))
);

CREATE UNIQUE INDEX grants_once ON grants (user_id, COALESCE(app_id, '00000000-0000-0000-0000-000000000000'));
CREATE INDEX grants_by_app ON grants (app_id);

INSERT INTO grants (user_id, app_id, role) SELECT id, NULL, role FROM users;
ALTER TABLE users DROP COLUMN role;
ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL;
ALTER TABLE users ADD COLUMN last_log_in_at BIGINT;
ALTER TABLE users ADD COLUMN disabled_at BIGINT;

-- A session has a name by which it is listed and ended; who was logged in logs in again.
DELETE FROM sessions;
ALTER TABLE sessions ADD COLUMN id UUID NOT NULL UNIQUE;
ALTER TABLE sessions ADD COLUMN address TEXT;
ALTER TABLE sessions ADD COLUMN user_agent TEXT;
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Tokens that are there read the whole hub, as before.
ALTER TABLE tokens ADD COLUMN role TEXT NOT NULL DEFAULT 'viewer' CHECK (role IN ('viewer', 'editor'));
ALTER TABLE tokens ADD COLUMN app_id UUID REFERENCES apps (app_id);
ALTER TABLE tokens ADD COLUMN expires_at BIGINT;
ALTER TABLE tokens ADD COLUMN created_by TEXT;

CREATE TABLE invitations (
    id UUID PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE,
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    app_id UUID REFERENCES apps (app_id),
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at BIGINT,
    seq BIGINT GENERATED ALWAYS AS IDENTITY
);

-- At most one a person: the link that was issued last.
CREATE TABLE password_resets (
    user_id UUID PRIMARY KEY REFERENCES users (id),
    hash BYTEA NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL
);

CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX identities_by_user ON identities (user_id);

-- Only ever appended to, and cut off at its old end. Names are as they were then: what they name may be gone.
CREATE TABLE audit_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('user', 'token', 'cli', 'hub')),
    actor_id UUID,
    actor_name TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    target_id TEXT,
    target_name TEXT,
    app_id UUID,
    details TEXT NOT NULL
);

CREATE INDEX audit_log_by_time ON audit_log (at);
