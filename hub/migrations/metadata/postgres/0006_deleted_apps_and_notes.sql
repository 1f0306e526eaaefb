-- Apps that were deleted, and of which something may be stored still.
CREATE TABLE deleted_apps (
    app_id UUID PRIMARY KEY,
    deleted_at BIGINT NOT NULL
);

-- What hubs leave each other and themselves, by name. retention: what the clock said when old things were deleted last.
CREATE TABLE notes (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
