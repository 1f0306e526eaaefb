//! What every traffic store must do, whatever it is made of. A backend is one line at the end of this file.

mod ageing;
mod clock;
mod copies;
mod counting;
mod details;
mod erasing;
pub mod fixture;
mod logs;
mod reading;
mod statuses;

use std::sync::Arc;

use sendry_hub::clock::ManualClock;
use sendry_hub::store::StoreError;
use sendry_hub::store::traffic::{
    Filter, LogPage, LogSearch, Retention, TrafficEraser, TrafficReader, TrafficWriter, clickhouse, sqlite,
};
use tempfile::TempDir;

use crate::clickhouse::Database;

use fixture::NOW;

/// A place where a traffic store lives; connecting again finds what was there.
pub trait Harness: Sized + Send + Sync {
    fn new() -> Self;
    fn clock(&self) -> &ManualClock;
    fn shared_clock(&self) -> Arc<ManualClock>;
    fn connect(&self) -> impl Future<Output = Store> + Send;

    /// Connects and hands out both: the place must outlive the store.
    fn connect_owned(self) -> impl Future<Output = (Self, Store)> + Send {
        async move {
            let store = self.connect().await;
            (self, store)
        }
    }
}

/// All sides of a store.
#[derive(Clone)]
pub struct Store {
    pub writer: Arc<dyn TrafficWriter>,
    pub reader: Arc<dyn TrafficReader>,
    pub eraser: Arc<dyn TrafficEraser>,
}

macro_rules! suite {
    ($name:ident, $harness:ty, { $($module:ident: [$($test:ident),* $(,)?]),* $(,)? }) => {
        mod $name {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::super::$module::$test::<$harness>().await;
                })*
            })*
        }
    };
}

macro_rules! backends {
    ($($name:ident: $harness:ty),* $(,)?) => {
        $(suite!($name, $harness, {
            counting: [
                a_report_is_read_as_it_was_sent,
                a_report_twice_in_one_batch_is_counted_once,
                a_report_twice_in_two_batches_is_counted_once,
                a_report_twice_at_once_is_counted_once,
                a_report_twice_is_counted_once_after_reopening,
                a_report_twice_is_counted_once_a_day_and_a_cleaning_later,
                writers_at_once_lose_nothing,
                what_was_written_survives_without_a_close,
                a_report_too_old_to_know_whether_it_was_counted_is_refused,
                the_largest_counts_do_not_overflow,
                routes_beyond_the_limit_are_folded_and_counted,
                apps_and_environments_are_apart,
                headers_that_equal_the_durations_count_as_such,
            ],
            reading: [
                an_empty_store_answers_with_nothing,
                any_window_sums_exactly,
                steps_sum_exactly_and_leave_gaps,
                latency_steps_hold_the_merged_histogram,
                routes_never_called_are_listed_with_zeros,
                filters_choose_method_path_and_status,
                a_filter_for_a_consumer_reads_its_traffic_alone,
                apdex_leaves_out_server_errors_and_aborts,
                first_and_last_calls_are_those_ever,
            ],
            statuses: [
                statuses_of_routes_are_told_by_step,
                statuses_are_counted_with_whom_they_met_and_their_last_bucket,
                consumers_that_were_folded_are_not_counted_as_one,
            ],
            copies: [
                batches_cut_anew_by_another_writer_count_once,
                writers_apart_at_once_count_once,
                what_comes_late_reaches_every_tier_once,
                an_outage_of_hours_is_caught_up_exactly,
                roll_ups_at_once_beside_a_writer_lose_nothing_and_add_nothing,
                copies_that_come_while_the_clock_jumps_count_once,
            ],
            ageing: [
                sums_are_the_same_before_and_after_ageing,
                old_windows_widen_to_half_hours,
                after_thirteen_months_nothing_is_left,
                routes_stay_when_their_traffic_is_gone,
                a_longer_retention_does_not_count_on_minutes_that_are_gone,
            ],
            clock: [
                a_clock_that_jumps_ahead_deletes_nothing_until_it_runs_on,
            ],
            details: [
                losses_are_added_by_reason,
                instances_tell_which_reports_are_missing,
                freshness_is_that_of_each_environment,
                validation_errors_are_grouped_by_field,
                server_errors_are_grouped_and_keep_one_backtrace,
                consumers_are_listed_by_requests,
                resources_are_means_over_samples,
                gaps_in_ingests_numbers_are_told_and_close,
                request_logs_twice_are_stored_once,
                a_group_of_errors_is_told_over_time_by_consumer_and_version,
                consumers_over_time_are_new_once,
                groups_of_errors_are_counted_by_route_and_status,
            ],
            erasing: [
                an_erased_environment_leaves_nothing_and_others_alone,
                an_environment_that_comes_back_is_a_new_one,
                an_erased_app_leaves_nothing_and_others_alone,
            ],
            logs: [
                request_logs_are_found_newest_first_page_by_page,
                request_logs_are_chosen_by_what_they_have,
                a_text_is_found_in_values_whatever_its_case,
                request_logs_are_counted_by_step_and_by_what_they_have,
                a_search_stops_when_it_looked_at_enough_and_goes_on_there,
                a_request_log_is_read_whole_within_its_app,
                the_same_log_in_two_batches_is_stored_once,
                request_logs_expire_by_their_time,
                the_request_logs_of_a_consumer_are_erased_in_all_environments,
            ],
        });)*
    };
}

/// A file of its own.
pub struct Sqlite {
    dir: TempDir,
    clock: Arc<ManualClock>,
}

impl Harness for Sqlite {
    fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), clock: ManualClock::at(NOW) }
    }

    fn clock(&self) -> &ManualClock {
        &self.clock
    }

    fn shared_clock(&self) -> Arc<ManualClock> {
        self.clock.clone()
    }

    async fn connect(&self) -> Store {
        let path = self.dir.path().join("traffic.db");
        let store = sqlite::connect(&path, self.clock.clone(), Retention::default()).await.unwrap();
        Store { writer: Arc::new(store.clone()), reader: Arc::new(store.clone()), eraser: Arc::new(store) }
    }
}

/// A database of its own.
pub struct ClickHouse {
    database: Database,
    clock: Arc<ManualClock>,
}

impl Harness for ClickHouse {
    fn new() -> Self {
        Self { database: Database::create(), clock: ManualClock::at(NOW) }
    }

    fn clock(&self) -> &ManualClock {
        &self.clock
    }

    fn shared_clock(&self) -> Arc<ManualClock> {
        self.clock.clone()
    }

    async fn connect(&self) -> Store {
        let (target, clock) = (self.database.target(), self.clock.clone());
        let store = clickhouse::connect(&target, None, clock, Retention::default()).await.unwrap();
        Store { writer: Arc::new(store.clone()), reader: Arc::new(store.clone()), eraser: Arc::new(store) }
    }
}

backends! {
    sqlite_file: super::super::Sqlite,
    clickhouse_database: super::super::ClickHouse,
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_the_versions() {
    let harness = Sqlite::new();
    let path = harness.dir.path().join("traffic.db");
    sqlite::connect(&path, harness.clock.clone(), Retention::default()).await.unwrap().close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("PRAGMA user_version = 99").execute(&pool).await.unwrap();
    pool.close().await;
    let refused = sqlite::connect(&path, harness.clock.clone(), Retention::default()).await.err().unwrap();
    assert!(matches!(refused, StoreError::SchemaTooNew(_)));
    assert!(refused.to_string().contains("schema version 99, this hub knows up to"), "{refused}");
}

/// A file of the schema's first version, with two request logs in it.
async fn first_version(harness: &Sqlite) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(harness.dir.path().join("traffic.db"));
    let pool = sqlx::SqlitePool::connect_with(options.create_if_missing(true)).await.unwrap();
    sqlx::raw_sql(include_str!("../../../migrations/traffic/sqlite/0001_traffic.sql"))
        .execute(&pool)
        .await
        .unwrap();
    let app = fixture::APP.simple();
    let log = |number: u128, path: &str| {
        let id = uuid::Uuid::from_u128(number);
        let time_us = NOW * 1_000_000;
        let json = format!(
            r#"{{"id":"{id}","time_us":{time_us},"method":"GET","path":"{path}","url":"/","status":200,"duration_us":5,"trace_id":"t{number}"}}"#
        );
        format!(
            "INSERT INTO request_logs VALUES (x'{}', 1, {time_us}, 'GET', '{path}', 200, 5, 0, '{json}');",
            id.simple()
        )
    };
    let rows = format!(
        "INSERT INTO scopes (id, app_id, env) VALUES (1, x'{app}', 'prod');
         INSERT INTO routes (scope_id, method, path, declared) VALUES (1, 'GET', '/known', 1);
         {} {} PRAGMA user_version = 1;",
        log(1, "/known"),
        log(2, "/new")
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn request_logs_of_the_schemas_first_version_are_kept() {
    let harness = Sqlite::new();
    first_version(&harness).await;
    let store = harness.connect().await;
    let search = |trace: &str, path: &str| LogSearch {
        from: NOW,
        to: NOW + 1,
        trace_id: Some(trace.into()),
        filter: Filter { path: Some(path.into()), ..Filter::default() },
        ..LogSearch::default()
    };
    for (number, trace, path) in [(1, "t1", "/known"), (2, "t2", "/new")] {
        let page = LogPage { after: None, limit: 5 };
        let found = store.reader.request_logs(&fixture::scope(), &search(trace, path), &page).await.unwrap();
        let ids: Vec<_> = found.logs.iter().map(|log| log.log.id.as_u128()).collect();
        assert_eq!(ids, [number]);
    }
}
