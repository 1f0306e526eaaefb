-- Who does what must be done once, and until when (Unix milliseconds).
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder UUID NOT NULL,
    expires_at BIGINT NOT NULL
);

-- The hub's own processes: what they said last about themselves.
CREATE TABLE processes (
    id UUID PRIMARY KEY,
    host TEXT NOT NULL,
    roles TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    state TEXT NOT NULL
);
