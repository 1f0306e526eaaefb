-- Envelopes that wait, and those that can never be stored.

CREATE TABLE envelopes (
    -- Rising and never used again, so that "oldest first" is by id, and a settlement that comes late hits nothing else.
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    topic           INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    accepted_at     INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    ingest_id       BLOB NOT NULL,
    ingest_sequence INTEGER NOT NULL,
    app_id          BLOB NOT NULL,
    kind            TEXT NOT NULL,
    encoding        TEXT NOT NULL,
    body            BLOB NOT NULL
);

CREATE INDEX envelopes_by_topic ON envelopes (topic, id);

CREATE TABLE dead_letters (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    dead_id         BLOB NOT NULL UNIQUE,
    topic           INTEGER NOT NULL,
    reason          TEXT NOT NULL,
    detail          TEXT NOT NULL,
    died_at         INTEGER NOT NULL,
    accepted_at     INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    ingest_id       BLOB NOT NULL,
    ingest_sequence INTEGER NOT NULL,
    app_id          BLOB NOT NULL,
    kind            TEXT NOT NULL,
    encoding        TEXT NOT NULL,
    body            BLOB NOT NULL
);

CREATE INDEX dead_letters_by_topic ON dead_letters (topic);

-- One row that a health check writes: a disk that is full fails here, not at the next report.
CREATE TABLE probe (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
);
