//! The hub's integration tests: one binary, through the front door.
//!
//! The rules: each test makes its own directory and its own stores. Time moves by a `ManualClock`, never by sleeping; where
//! something runs on its own, wait for what it does with a time limit, not for a while. Contract suites are generic over a
//! backend and assert through the seam's traits alone, so that a further backend is one line. Nothing is ignored.

mod access;
mod amqp;
mod api;
mod broker;
mod chaos;
mod clickhouse;
mod configuration;
mod deleted_apps;
mod documents;
mod environments;
mod expiry;
mod export;
mod filters;
mod full_disk;
mod guard;
mod harness;
mod ingest;
mod link;
mod metadata_contract;
mod metadata_on_postgres;
mod migrate;
mod operations;
mod orphans;
mod overview;
mod postgres;
mod postgres_server;
mod process;
mod provider;
#[allow(dead_code, reason = "shared with the benches, which use all of it")]
mod proxy;
mod queue_contract;
mod queue_on_rabbitmq;
mod rabbitmq_in_trouble;
mod request_logs;
mod roles;
mod sessions;
mod system;
mod tls;
mod traffic_contract;
mod traffic_on_clickhouse;
mod truth;
mod worker;
