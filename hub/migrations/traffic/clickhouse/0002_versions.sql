-- With which versions of the app a group of errors was seen.
CREATE TABLE IF NOT EXISTS event_versions {on_cluster} (
    app_id      UUID,
    env         LowCardinality(String),
    class       UInt8,
    fingerprint FixedString(16),
    version     String,
    period      UInt16,
    first_seen  SimpleAggregateFunction(min, DateTime('UTC')),
    last_seen   SimpleAggregateFunction(max, DateTime('UTC'))
) ENGINE = {replicated}AggregatingMergeTree
PARTITION BY period
ORDER BY (app_id, env, class, fingerprint, version, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What the store must remember of itself. minutes_deleted_before: minutes before it are gone, whatever the retention is now.
CREATE TABLE IF NOT EXISTS remembered {on_cluster} (
    name  String,
    value SimpleAggregateFunction(max, Int64)
) ENGINE = {replicated}AggregatingMergeTree
ORDER BY name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
