-- Ids are UUIDs as text, so that a person with a SQLite shell can read them; times are Unix seconds; hashes are SHA-256.

CREATE TABLE apps (
    app_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps (app_id),
    kind TEXT NOT NULL CHECK (kind IN ('write_key', 'client_id')),
    hash BLOB NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE INDEX credentials_by_app ON credentials (app_id);

CREATE TABLE environments (
    app_id TEXT NOT NULL REFERENCES apps (app_id),
    env TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (app_id, env)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- A session without a user is one of the automatic log-in on loopback.
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    user_id TEXT REFERENCES users (id),
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- At most one row: the set-up link that was printed last.
CREATE TABLE setup_token (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE consumers (
    app_id TEXT NOT NULL REFERENCES apps (app_id),
    hash BLOB NOT NULL,
    identifier TEXT NOT NULL,
    name TEXT,
    consumer_group TEXT,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (app_id, hash)
) STRICT, WITHOUT ROWID;
