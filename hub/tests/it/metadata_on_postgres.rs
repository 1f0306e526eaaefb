//! What is particular to metadata in PostgreSQL: wrong settings, migrations, and a server that goes away.

use std::time::Duration;

use sendry_hub::store::StoreError;
use sendry_hub::store::metadata::{App, Apps, MetadataStore, postgres};
use uuid::Uuid;

use crate::harness::{PATIENCE, TestHub, report_of, traffic};
use crate::link::Link;
use crate::postgres::Database;

async fn refused(url: &str) -> StoreError {
    postgres::connect(url).await.expect_err("the start is refused")
}

/// The sentence of a start that a person must mend.
async fn misconfigured(url: &str) -> String {
    match refused(url).await {
        StoreError::Misconfigured(sentence) => sentence,
        other => panic!("{other:?}"),
    }
}

fn contains(sentence: &str, parts: &[&str]) {
    for part in parts {
        assert!(sentence.contains(part), "{part:?} is missing: {sentence}");
    }
}

/// A role that is dropped with the test, without any right of its own.
struct Role(String);

impl Role {
    async fn create(database: &Database) -> Self {
        let name = format!("sendry_role_{}", Uuid::new_v4().simple());
        database.run(&format!("CREATE ROLE {name} LOGIN PASSWORD 'right'")).await;
        Self(name)
    }

    fn url(&self, database: &Database) -> String {
        database.options().username(&self.0).password("right").to_url_lossy_string()
    }

    async fn drop(self, database: &Database) {
        database.run(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.0)).await;
    }
}

trait ToUrl {
    fn to_url_lossy_string(&self) -> String;
}

impl ToUrl for sqlx::postgres::PgConnectOptions {
    fn to_url_lossy_string(&self) -> String {
        sqlx::ConnectOptions::to_url_lossy(self).to_string()
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named_with_what_makes_it() {
    let database = Database::create();
    let options = database.options().database("no_such_database");
    let said = misconfigured(&options.to_url_lossy_string()).await;
    contains(&said, &["no_such_database", "CREATE DATABASE", "SENDRY_METADATA_URL"]);
}

#[tokio::test]
async fn an_unknown_user_is_named_and_the_password_is_not() {
    let database = Database::create();
    let options = database.options().username("nobody_here").password("s3cret");
    let said = misconfigured(&options.to_url_lossy_string()).await;
    contains(&said, &["nobody_here", "SENDRY_METADATA_URL"]);
    assert!(!said.contains("s3cret"), "{said}");
}

#[tokio::test]
async fn a_user_without_the_right_to_create_tables_is_told_which_right_is_missing() {
    let database = Database::create();
    database.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
    let role = Role::create(&database).await;
    let said = misconfigured(&role.url(&database)).await;
    contains(&said, &[&role.0, "GRANT CREATE", "permission denied"]);
    database.run(&format!("GRANT CREATE, USAGE ON SCHEMA public TO {}", role.0)).await;
    postgres::connect(&role.url(&database)).await.unwrap().close().await;
    role.drop(&database).await;
}

#[tokio::test]
async fn tables_of_another_user_are_a_refusal_that_says_so() {
    let database = Database::create();
    postgres::connect(&database.url()).await.unwrap().close().await;
    let role = Role::create(&database).await;
    let said = misconfigured(&role.url(&database)).await;
    contains(&said, &[&role.0, "owner of the hub's tables"]);
    role.drop(&database).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = refused(&format!("postgres://ann:s3cret@{free}/hub")).await;
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    contains(&error.to_string(), &[&free.to_string(), "start it", "SENDRY_METADATA_URL"]);
    assert!(!error.to_string().contains("s3cret"));
}

#[tokio::test]
async fn what_is_no_url_is_refused_with_the_form_of_one() {
    contains(&misconfigured("postgres://host:port/x").await, &["postgres://USER:PASSWORD@HOST"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hubs_that_start_at_once_on_an_empty_database_make_its_schema_once() {
    let database = Database::create();
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let url = database.url();
        starts.spawn(async move { postgres::connect(&url).await.unwrap() });
    }
    for store in starts.join_all().await {
        store.check().await.unwrap();
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_an_error_for_as_long_as_it_lasts_and_the_store_recovers_by_itself() {
    let database = Database::create();
    let options = database.options();
    let mut link = Link::to(format!("{}:{}", options.get_host(), options.get_port())).await;
    let url = options.host("127.0.0.1").port(link.address.port()).to_url_lossy_string();
    let store = postgres::connect(&url).await.unwrap();
    let app = App { app_id: Uuid::new_v4(), name: "shop".into(), created_at: 1 };
    store.create_app(&app, &[]).await.unwrap();
    link.cut();
    for _ in 0..3 {
        let error = store.app(app.app_id).await.expect_err("there is no way to the server");
        assert!(error.is_outage(), "{error:?}");
    }
    assert!(store.check().await.is_err());
    link.mend().await;
    let recovered = async {
        while store.check().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, recovered).await.unwrap();
    assert_eq!(store.app(app.app_id).await.unwrap(), Some(app));
    store.close().await;
}

/// A hub whose way to its metadata can be cut.
async fn hub_behind_a_link(database: &Database) -> (TestHub, Link) {
    let options = database.options();
    let link = Link::to(format!("{}:{}", options.get_host(), options.get_port())).await;
    let url = options.host("127.0.0.1").port(link.address.port()).to_url_lossy_string();
    (TestHub::builder().set("SENDRY_METADATA_URL", &url).start().await, link)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_metadata_is_away_ingest_goes_on_for_the_keys_it_knows_and_nothing_is_lost() {
    let database = Database::create();
    let (hub, mut link) = hub_behind_a_link(&database).await;
    let (known, unknown) = (hub.app().await, hub.app().await);
    let token = hub.token().await;
    let report = || report_of("prod", hub.clock.now() / 60, vec![traffic("GET", "/a", 200, 1)]);
    assert_eq!(hub.send(&known.write_key, &report()).await.status(), 202);
    link.cut();
    // For longer than an answer counts as fresh.
    let until = tokio::time::Instant::now() + sendry_hub::auth::cache::FRESH + Duration::from_secs(2);
    let mut accepted = 1;
    while tokio::time::Instant::now() < until {
        assert_eq!(hub.send(&known.write_key, &report()).await.status(), 202);
        accepted += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let refused = hub.send(&unknown.write_key, &report()).await;
    assert_eq!((refused.status().as_u16(), refused.headers().contains_key("retry-after")), (503, true));
    let ready = hub.request(reqwest::Method::GET, "/readyz").send().await.unwrap();
    assert_eq!(ready.status(), 503, "queries and the worker need it");
    link.mend().await;
    let path = format!("/apps/{}/summary?env=prod", known.app_id);
    let recovered = async {
        while hub.request(reqwest::Method::GET, "/readyz").send().await.unwrap().status() != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, recovered).await.unwrap();
    hub.get_until(&token, &path, |answer| answer["data"]["requests"] == accepted).await;
    assert_eq!(hub.send(&unknown.write_key, &report()).await.status(), 202);
}
