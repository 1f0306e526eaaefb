-- With which versions of the app a group of errors was seen.
CREATE TABLE event_versions (
    group_id   INTEGER NOT NULL,
    version    TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    PRIMARY KEY (group_id, version)
) WITHOUT ROWID;

-- What the store must remember of itself. minutes_deleted_before: minutes before it are gone, whatever the retention is now.
CREATE TABLE marks (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
