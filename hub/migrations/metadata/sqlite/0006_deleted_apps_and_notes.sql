-- Apps that were deleted, and of which something may be stored still.
CREATE TABLE deleted_apps (
    app_id TEXT PRIMARY KEY,
    deleted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What hubs leave each other and themselves, by name. retention: what the clock said when old things were deleted last.
CREATE TABLE notes (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
