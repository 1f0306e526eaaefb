-- Times are Unix seconds, hashes are SHA-256. Columns `seq` keep the order in which rows were made.

CREATE TABLE apps (
    app_id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE credentials (
    id UUID PRIMARY KEY,
    app_id UUID NOT NULL REFERENCES apps (app_id),
    kind TEXT NOT NULL CHECK (kind IN ('write_key', 'client_id')),
    hash BYTEA NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    seq BIGINT GENERATED ALWAYS AS IDENTITY
);

CREATE INDEX credentials_by_app ON credentials (app_id);

CREATE TABLE environments (
    app_id UUID NOT NULL REFERENCES apps (app_id),
    env TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, env)
);

CREATE TABLE tokens (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    seq BIGINT GENERATED ALWAYS AS IDENTITY
);

CREATE TABLE users (
    id UUID PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- A session without a user is one of the automatic log-in on loopback.
CREATE TABLE sessions (
    hash BYTEA PRIMARY KEY,
    user_id UUID REFERENCES users (id),
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);

-- At most one row: the set-up link that was printed last.
CREATE TABLE setup_token (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    hash BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE consumers (
    app_id UUID NOT NULL REFERENCES apps (app_id),
    hash BYTEA NOT NULL,
    identifier TEXT NOT NULL,
    name TEXT,
    consumer_group TEXT,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, hash)
);
