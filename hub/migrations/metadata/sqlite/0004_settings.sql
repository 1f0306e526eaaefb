-- How figures are judged, and which views people keep.

-- Method and path are empty for the app as a whole.
CREATE TABLE apdex_thresholds (
    app_id TEXT NOT NULL REFERENCES apps (app_id),
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    threshold_ms INTEGER NOT NULL,
    PRIMARY KEY (app_id, method, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE expected_errors (
    id TEXT PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES apps (app_id),
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (app_id, method, path, status)
) STRICT;

-- A view without an owner belongs to the automatic log-in on loopback, or to somebody who is gone and shared it.
CREATE TABLE saved_views (
    id TEXT PRIMARY KEY,
    owner_id TEXT,
    owner_name TEXT NOT NULL,
    app_id TEXT REFERENCES apps (app_id),
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    shared INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
