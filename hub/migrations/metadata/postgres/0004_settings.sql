-- How figures are judged, and which views people keep.

-- Method and path are empty for the app as a whole.
CREATE TABLE apdex_thresholds (
    app_id UUID NOT NULL REFERENCES apps (app_id),
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    threshold_ms BIGINT NOT NULL,
    PRIMARY KEY (app_id, method, path)
);

CREATE TABLE expected_errors (
    id UUID PRIMARY KEY,
    app_id UUID NOT NULL REFERENCES apps (app_id),
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (app_id, method, path, status)
);

-- A view without an owner belongs to the automatic log-in on loopback, or to somebody who is gone and shared it.
CREATE TABLE saved_views (
    id UUID PRIMARY KEY,
    owner_id UUID,
    owner_name TEXT NOT NULL,
    app_id UUID REFERENCES apps (app_id),
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
