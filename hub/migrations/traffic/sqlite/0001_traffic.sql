-- What happened, by route and time. `tier` is the width of a bucket: 0 a minute, 1 half an hour, 2 a UTC day.
-- Times named `bucket`, `first_seen` and `last_seen` are Unix seconds, those named `_at` Unix milliseconds.

-- An app's environment.
CREATE TABLE scopes (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    app_id          BLOB NOT NULL,
    env             TEXT NOT NULL,
    first_report_at INTEGER,
    last_report_at  INTEGER,
    UNIQUE (app_id, env)
);

CREATE TABLE routes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    scope_id   INTEGER NOT NULL,
    method     TEXT NOT NULL,
    path       TEXT NOT NULL,
    -- 1 when an instance named it at startup.
    declared   INTEGER NOT NULL,
    -- NULL when it was never called.
    first_seen INTEGER,
    last_seen  INTEGER,
    UNIQUE (scope_id, method, path)
);

CREATE TABLE consumers (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    scope_id   INTEGER NOT NULL,
    hash       BLOB NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    UNIQUE (scope_id, hash)
);

-- One row per bucket; the cell holds sums and histograms of every status.
-- `route_id` is that of a route, or the negative of the scope's id for all of its routes together: a chart of a whole app then
-- reads one row per bucket. `consumer_id` is 0 for everybody together.
CREATE TABLE traffic (
    tier        INTEGER NOT NULL,
    route_id    INTEGER NOT NULL,
    consumer_id INTEGER NOT NULL,
    bucket      INTEGER NOT NULL,
    cell        BLOB NOT NULL,
    PRIMARY KEY (tier, route_id, consumer_id, bucket)
) WITHOUT ROWID;

-- Groups of things that happened beside the counts. class 0: failed validations, 1: server errors, 2: losses.
CREATE TABLE event_groups (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    scope_id    INTEGER NOT NULL,
    class       INTEGER NOT NULL,
    -- SHA-256 of everything that makes it a group of its own, cut to 16 bytes.
    fingerprint BLOB NOT NULL,
    -- NULL for losses.
    route_id    INTEGER,
    status      INTEGER NOT NULL,
    -- The validation's code, the error's type, the loss's reason.
    code        TEXT NOT NULL,
    message     TEXT NOT NULL,
    location    TEXT,
    field       TEXT,
    -- That of the first occurrence that had one; it is no part of the fingerprint.
    backtrace   TEXT,
    first_seen  INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    UNIQUE (scope_id, class, fingerprint)
);

CREATE TABLE event_counts (
    tier        INTEGER NOT NULL,
    group_id    INTEGER NOT NULL,
    bucket      INTEGER NOT NULL,
    consumer_id INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (tier, group_id, bucket, consumer_id)
) WITHOUT ROWID;

CREATE TABLE instances (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    scope_id        INTEGER NOT NULL,
    instance_id     BLOB NOT NULL,
    app_version     TEXT,
    sdk             TEXT,
    framework       TEXT,
    host            TEXT,
    started_at      INTEGER,
    first_report_at INTEGER,
    last_report_at  INTEGER,
    reports         INTEGER NOT NULL DEFAULT 0,
    last_sequence   INTEGER,
    clock_offset_ms INTEGER NOT NULL DEFAULT 0,
    ended           INTEGER NOT NULL DEFAULT 0,
    -- When a startup or a report of it was accepted last.
    seen_at         INTEGER NOT NULL,
    UNIQUE (scope_id, instance_id)
);

-- Sums over samples, and of how many samples.
CREATE TABLE resources (
    tier       INTEGER NOT NULL,
    -- instances.id
    instance   INTEGER NOT NULL,
    bucket     INTEGER NOT NULL,
    cpu        REAL NOT NULL,
    cpus       INTEGER NOT NULL,
    rss        REAL NOT NULL,
    rsss       INTEGER NOT NULL,
    busy       REAL NOT NULL,
    busys      INTEGER NOT NULL,
    depth      REAL NOT NULL,
    depths     INTEGER NOT NULL,
    blocking   REAL NOT NULL,
    blockings  INTEGER NOT NULL,
    PRIMARY KEY (tier, instance, bucket)
) WITHOUT ROWID;

-- What was stored already. class 0: reports, 1: batches of request logs.
CREATE TABLE stored (
    class       INTEGER NOT NULL,
    id          BLOB NOT NULL,
    accepted_at INTEGER NOT NULL,
    PRIMARY KEY (class, id)
) WITHOUT ROWID;

-- Which running numbers of each ingest process arrived, as ranges.
CREATE TABLE ingests (
    ingest_id        BLOB PRIMARY KEY,
    ranges           BLOB NOT NULL,
    last_accepted_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE request_logs (
    id          BLOB PRIMARY KEY,
    scope_id    INTEGER NOT NULL,
    time_us     INTEGER NOT NULL,
    method      TEXT NOT NULL,
    path        TEXT NOT NULL,
    status      INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    -- 0 where nobody is named.
    consumer_id INTEGER NOT NULL,
    -- The whole log as JSON, without who called.
    log         TEXT NOT NULL
);

CREATE INDEX request_logs_by_time ON request_logs (scope_id, time_us);
