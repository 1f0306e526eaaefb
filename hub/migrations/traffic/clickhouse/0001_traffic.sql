-- What happened, by route and time. Statements end with a semicolon at the end of a line; each can be run again.
-- {on_cluster} and {replicated} are filled in where a cluster is configured.
--
-- *_minutes hold what reports say. A report's rows are a function of its bytes: the key ends in the report's id and a running
-- number, so a row that is inserted again replaces itself. They are read with FINAL.
-- *_coarse hold half hours (tier 1) and UTC days (tier 2), each bucket written whole by a run; `rollups` tells which run counts.
-- Nothing has a TTL: the hub drops whole partitions by its own clock and configuration.

CREATE TABLE IF NOT EXISTS traffic_minutes {on_cluster} (
    app_id          UUID,
    env             LowCardinality(String),
    -- 0: all requests, by route and status. 1: the same by consumer.
    by_consumer     UInt8,
    bucket          DateTime('UTC'),
    report_id       UUID,
    -- Counts the rows of one report in one bucket.
    ordinal         UInt32,
    -- Zeros for everybody.
    consumer        FixedString(16),
    -- The hash of method and path: see `routes`.
    route           UInt64,
    status          UInt16,
    -- 0: the times to headers equal the durations and are not written twice.
    headers_apart   UInt8,
    requests        UInt64,
    aborted         UInt64,
    body_errors     UInt64,
    panics          UInt64,
    duration_sum_us UInt64,
    duration_max_us UInt64,
    request_bytes   UInt64,
    response_bytes  UInt64,
    -- Histograms: index of the bucket and count; -32768 counts zeros.
    durations       Map(Int16, UInt64),
    headers         Map(Int16, UInt64),
    request_sizes   Map(Int16, UInt64),
    response_sizes  Map(Int16, UInt64)
) ENGINE = {replicated}ReplacingMergeTree
PARTITION BY toYYYYMMDD(bucket)
ORDER BY (app_id, env, by_consumer, bucket, report_id, ordinal)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS traffic_coarse {on_cluster} (
    app_id          UUID,
    env             LowCardinality(String),
    tier            UInt8,
    by_consumer     UInt8,
    bucket          DateTime('UTC'),
    run             UInt64,
    consumer        FixedString(16),
    route           UInt64,
    status          UInt16,
    headers_apart   UInt8,
    requests        UInt64,
    aborted         UInt64,
    body_errors     UInt64,
    panics          UInt64,
    duration_sum_us UInt64,
    duration_max_us UInt64,
    request_bytes   UInt64,
    response_bytes  UInt64,
    durations       Map(Int16, UInt64),
    headers         Map(Int16, UInt64),
    request_sizes   Map(Int16, UInt64),
    response_sizes  Map(Int16, UInt64)
) ENGINE = {replicated}MergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (app_id, env, tier, by_consumer, bucket, route, status, consumer);

-- Failed validations (class 0), server errors (1) and losses (2).
CREATE TABLE IF NOT EXISTS events_minutes {on_cluster} (
    app_id      UUID,
    env         LowCardinality(String),
    class       UInt8,
    bucket      DateTime('UTC'),
    report_id   UUID,
    ordinal     UInt32,
    -- See `event_groups`.
    fingerprint FixedString(16),
    consumer    FixedString(16),
    route       UInt64,
    status      UInt16,
    count       UInt64
) ENGINE = {replicated}ReplacingMergeTree
PARTITION BY toYYYYMMDD(bucket)
ORDER BY (app_id, env, class, bucket, report_id, ordinal)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS events_coarse {on_cluster} (
    app_id      UUID,
    env         LowCardinality(String),
    tier        UInt8,
    class       UInt8,
    bucket      DateTime('UTC'),
    run         UInt64,
    fingerprint FixedString(16),
    consumer    FixedString(16),
    route       UInt64,
    status      UInt16,
    count       UInt64
) ENGINE = {replicated}MergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (app_id, env, tier, class, bucket, fingerprint, consumer);

-- Sums over samples, and of how many samples.
CREATE TABLE IF NOT EXISTS resources_minutes {on_cluster} (
    app_id      UUID,
    env         LowCardinality(String),
    bucket      DateTime('UTC'),
    report_id   UUID,
    ordinal     UInt32,
    instance_id UUID,
    cpu         Float64,
    cpus        UInt64,
    rss         Float64,
    rsss        UInt64,
    busy        Float64,
    busys       UInt64,
    depth       Float64,
    depths      UInt64,
    blocking    Float64,
    blockings   UInt64
) ENGINE = {replicated}ReplacingMergeTree
PARTITION BY toYYYYMMDD(bucket)
ORDER BY (app_id, env, bucket, report_id, ordinal)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS resources_coarse {on_cluster} (
    app_id      UUID,
    env         LowCardinality(String),
    tier        UInt8,
    bucket      DateTime('UTC'),
    run         UInt64,
    instance_id UUID,
    cpu         Float64,
    cpus        UInt64,
    rss         Float64,
    rsss        UInt64,
    busy        Float64,
    busys       UInt64,
    depth       Float64,
    depths      UInt64,
    blocking    Float64,
    blockings   UInt64
) ENGINE = {replicated}MergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (app_id, env, tier, bucket, instance_id);

-- How often, and by which writes, a half hour was changed: each write adds one and a random number.
CREATE TABLE IF NOT EXISTS marks {on_cluster} (
    app_id UUID,
    env    LowCardinality(String),
    bucket DateTime('UTC'),
    n      SimpleAggregateFunction(sum, UInt64),
    x      SimpleAggregateFunction(groupBitXor, UInt64)
) ENGINE = {replicated}AggregatingMergeTree
PARTITION BY toYYYYMMDD(bucket)
ORDER BY (app_id, env, bucket)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Finished runs. The one with the most marks (n) counts; x tells which marks (tier 1) or which half hours' runs (tier 2) it saw.
CREATE TABLE IF NOT EXISTS rollups {on_cluster} (
    app_id UUID,
    env    LowCardinality(String),
    tier   UInt8,
    bucket DateTime('UTC'),
    n      UInt64,
    run    UInt64,
    x      UInt64
) ENGINE = {replicated}MergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (app_id, env, tier, bucket);

-- What was stored already, so that a second copy is known as one. Counts do not rest on it.
CREATE TABLE IF NOT EXISTS stored {on_cluster} (
    -- 0: reports, 1: batches of request logs.
    class       UInt8,
    id          UUID,
    accepted_at DateTime('UTC')
) ENGINE = {replicated}ReplacingMergeTree
PARTITION BY toYYYYMMDD(accepted_at)
ORDER BY (class, id)
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS routes {on_cluster} (
    app_id     UUID,
    env        LowCardinality(String),
    route      UInt64,
    method     SimpleAggregateFunction(max, String),
    path       SimpleAggregateFunction(max, String),
    -- 1 when an instance named it at startup.
    declared   SimpleAggregateFunction(max, UInt8),
    -- The last and the first moment of DateTime when it was never called.
    first_seen SimpleAggregateFunction(min, DateTime('UTC')),
    last_seen  SimpleAggregateFunction(max, DateTime('UTC'))
) ENGINE = {replicated}AggregatingMergeTree
ORDER BY (app_id, env, route)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- `period` is a span of 32 days; what was not seen for long goes with its period.
CREATE TABLE IF NOT EXISTS consumers {on_cluster} (
    app_id     UUID,
    env        LowCardinality(String),
    consumer   FixedString(16),
    period     UInt16,
    first_seen SimpleAggregateFunction(min, DateTime('UTC')),
    last_seen  SimpleAggregateFunction(max, DateTime('UTC'))
) ENGINE = {replicated}AggregatingMergeTree
PARTITION BY period
ORDER BY (app_id, env, consumer, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS event_groups {on_cluster} (
    app_id      UUID,
    env         LowCardinality(String),
    class       UInt8,
    fingerprint FixedString(16),
    period      UInt16,
    route       SimpleAggregateFunction(max, UInt64),
    status      SimpleAggregateFunction(max, UInt16),
    -- The validation's code, the error's type, the loss's reason.
    code        SimpleAggregateFunction(max, String),
    message     SimpleAggregateFunction(max, String),
    location    SimpleAggregateFunction(max, String),
    field       SimpleAggregateFunction(max, String),
    -- That of the earliest minute that had one; ten digits of time stand before it. Empty rows say '~'.
    backtrace   SimpleAggregateFunction(min, String),
    first_seen  SimpleAggregateFunction(min, DateTime('UTC')),
    last_seen   SimpleAggregateFunction(max, DateTime('UTC'))
) ENGINE = {replicated}AggregatingMergeTree
PARTITION BY period
ORDER BY (app_id, env, class, fingerprint, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Times in Unix milliseconds; the largest and the smallest number where there was no report.
CREATE TABLE IF NOT EXISTS instances {on_cluster} (
    app_id          UUID,
    env             LowCardinality(String),
    instance_id     UUID,
    period          UInt16,
    app_version     SimpleAggregateFunction(max, String),
    sdk             SimpleAggregateFunction(max, String),
    framework       SimpleAggregateFunction(max, String),
    host            SimpleAggregateFunction(max, String),
    started_at      SimpleAggregateFunction(max, Int64),
    first_report_at SimpleAggregateFunction(min, Int64),
    last_report_at  SimpleAggregateFunction(max, Int64),
    last_sequence   SimpleAggregateFunction(max, Int64),
    -- When it was accepted, and the offset it told.
    clock_offset_ms SimpleAggregateFunction(max, Tuple(Int64, Int64)),
    ended           SimpleAggregateFunction(max, UInt8),
    seen_at         SimpleAggregateFunction(max, Int64)
) ENGINE = {replicated}AggregatingMergeTree
PARTITION BY period
ORDER BY (app_id, env, instance_id, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Which running numbers of an instance's reports were stored: 64 a row, as bits.
CREATE TABLE IF NOT EXISTS instance_reports {on_cluster} (
    app_id      UUID,
    env         LowCardinality(String),
    instance_id UUID,
    block       UInt64,
    period      UInt16,
    bits        SimpleAggregateFunction(groupBitOr, UInt64)
) ENGINE = {replicated}AggregatingMergeTree
PARTITION BY period
ORDER BY (app_id, env, instance_id, block, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Which running numbers of an ingest process arrived: 64 a row, as bits.
CREATE TABLE IF NOT EXISTS arrivals {on_cluster} (
    ingest_id   UUID,
    block       UInt64,
    day         Date,
    bits        SimpleAggregateFunction(groupBitOr, UInt64),
    -- Unix milliseconds.
    accepted_at SimpleAggregateFunction(max, Int64)
) ENGINE = {replicated}AggregatingMergeTree
PARTITION BY day
ORDER BY (ingest_id, block, day)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS request_logs {on_cluster} (
    app_id      UUID,
    env         LowCardinality(String),
    time_us     Int64,
    -- In the order of its bytes, as other stores have it.
    id          FixedString(16),
    accepted_at DateTime('UTC'),
    method      LowCardinality(String),
    path        String,
    status      UInt16,
    duration_us UInt64,
    -- Zeros where nobody is named.
    consumer    FixedString(16),
    trace_id    String,
    -- Bytes of the text: what a search for words has to read.
    bytes       UInt32,
    -- The whole log as JSON, without who called.
    log         String CODEC(ZSTD(1)),
    INDEX by_id id TYPE bloom_filter GRANULARITY 1,
    INDEX by_trace trace_id TYPE bloom_filter GRANULARITY 1,
    INDEX by_consumer consumer TYPE bloom_filter GRANULARITY 1
) ENGINE = {replicated}ReplacingMergeTree
PARTITION BY toYYYYMMDD(accepted_at)
ORDER BY (app_id, env, time_us, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
