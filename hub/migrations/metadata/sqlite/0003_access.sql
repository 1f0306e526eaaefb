-- Who may see what: grants, invitations, links that reset a password, identities at a provider, the audit log.

-- A role is now held somewhere: on the whole hub (no app) or on one app. A person who comes from an identity provider has no
-- password.
CREATE TABLE users_next (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    last_log_in_at INTEGER,
    disabled_at INTEGER
) STRICT;

CREATE TABLE grants (
    user_id TEXT NOT NULL REFERENCES users (id),
    app_id TEXT REFERENCES apps (app_id),
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin'))
) STRICT;

CREATE UNIQUE INDEX grants_once ON grants (user_id, COALESCE(app_id, ''));
CREATE INDEX grants_by_app ON grants (app_id);

INSERT INTO grants (user_id, app_id, role) SELECT id, NULL, role FROM users;
INSERT INTO users_next (id, email, password_hash, created_at) SELECT id, email, password_hash, created_at FROM users;
DROP TABLE users;
ALTER TABLE users_next RENAME TO users;

-- A session has a name by which it is listed and ended; who was logged in logs in again.
DROP TABLE sessions;
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT REFERENCES users (id),
    address TEXT,
    user_agent TEXT,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);

-- Tokens that are there read the whole hub, as before.
ALTER TABLE tokens ADD COLUMN role TEXT NOT NULL DEFAULT 'viewer' CHECK (role IN ('viewer', 'editor'));
ALTER TABLE tokens ADD COLUMN app_id TEXT REFERENCES apps (app_id);
ALTER TABLE tokens ADD COLUMN expires_at INTEGER;
ALTER TABLE tokens ADD COLUMN created_by TEXT;

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    app_id TEXT REFERENCES apps (app_id),
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    accepted_at INTEGER,
    revoked_at INTEGER
) STRICT;

-- At most one a person: the link that was issued last.
CREATE TABLE password_resets (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    hash BLOB NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX identities_by_user ON identities (user_id);

-- Only ever appended to, and cut off at its old end. Names are as they were then: what they name may be gone.
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('user', 'token', 'cli', 'hub')),
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    target_id TEXT,
    target_name TEXT,
    app_id TEXT,
    details TEXT NOT NULL
) STRICT;

CREATE INDEX audit_log_by_time ON audit_log (at);
