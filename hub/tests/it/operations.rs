//! What operators do: back up, put back, and ask what is wrong.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sendry_hub::clock::SystemClock;
use sendry_hub::queue::rabbitmq;
use serde_json::Value;

use crate::postgres::Database;
use crate::process::{Reporter, Served, command, json, run, text};
use crate::{amqp, clickhouse};

/// Puts a backup into a data directory of its own.
fn restore(backup: &Path, dir: &Path) -> Output {
    run(dir, &["restore", backup.to_str().unwrap()])
}

fn said(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stderr)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_beside_a_running_hub_has_everything_that_was_accepted_before_it() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let hub = Served::start(here.path());
    let mut reporter = Reporter::new(here.path(), &hub.url);
    let backup = here.path().join("backup");
    let (accepted, stop) = (AtomicU64::new(0), Arc::new(AtomicBool::new(false)));
    // Reports keep coming while the three files are copied.
    let send = async {
        while !stop.load(Ordering::SeqCst) {
            assert!(reporter.send("/a").await);
            accepted.fetch_add(1, Ordering::SeqCst);
        }
    };
    let take = async {
        while accepted.load(Ordering::SeqCst) < 50 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let before = accepted.load(Ordering::SeqCst);
        let (dir, target) = (here.path().to_owned(), backup.clone());
        let taking = move || run(&dir, &["backup", target.to_str().unwrap(), "--json"]);
        let manifest = json(&tokio::task::spawn_blocking(taking).await.unwrap());
        stop.store(true, Ordering::SeqCst);
        (before, manifest)
    };
    let ((before, manifest), ()) = tokio::join!(take, send);
    let order: Vec<_> = manifest["stores"].as_array().unwrap().iter().map(|one| &one["store"]).collect();
    assert_eq!(order, ["queue", "traffic", "metadata"]);
    assert_eq!(std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o700);
    drop(hub);

    said(&restore(&backup, there.path()), 0);
    let hub = Served::start(there.path());
    reporter.url.clone_from(&hub.url);
    let after = accepted.load(Ordering::SeqCst);
    let mut restored = 0;
    let until = tokio::time::Instant::now() + crate::harness::PATIENCE;
    while restored < before && tokio::time::Instant::now() < until {
        restored = reporter.requests().await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!((before..=after).contains(&restored), "{before} <= {restored} <= {after}");
    assert!(reporter.send("/a").await, "the key is in it too");
}

#[tokio::test]
async fn a_backup_is_put_back_only_where_no_hub_runs_and_nothing_is() {
    let dir = tempfile::tempdir().unwrap();
    let hub = Served::start(dir.path());
    let backup = dir.path().join("backup");
    said(&run(dir.path(), &["backup", backup.to_str().unwrap()]), 0);
    assert!(said(&restore(&backup, dir.path()), 1).contains("another hub works on"));
    drop(hub);
    assert!(said(&restore(&backup, dir.path()), 1).contains("is there already"));
    let again = run(dir.path(), &["backup", backup.to_str().unwrap()]);
    assert!(said(&again, 1).contains("is there already"), "a backup never replaces one");
    std::fs::remove_dir_all(dir.path().join("data")).unwrap();
    said(&restore(&backup, dir.path()), 0);
    drop(Served::start(dir.path()));
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_before_anything_is_written() {
    let (dir, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(Served::start(dir.path()));
    let backup = dir.path().join("backup");
    said(&run(dir.path(), &["backup", backup.to_str().unwrap()]), 0);
    let file = backup.join("metadata.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[5_000] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert!(said(&restore(&backup, empty.path()), 1).contains("metadata.db is damaged"));
    std::fs::remove_file(&file).unwrap();
    assert!(said(&restore(&backup, empty.path()), 1).contains("metadata.db"));
    std::fs::remove_file(backup.join("manifest.json")).unwrap();
    assert!(said(&restore(&backup, empty.path()), 1).contains("is no backup"));
    let left: Vec<_> = std::fs::read_dir(empty.path().join("data")).unwrap().flatten().collect();
    assert!(left.iter().all(|entry| entry.path().extension().is_some_and(|end| end == "lock")), "{left:?}");
}

#[test]
fn what_there_is_nothing_to_do_for_is_said_with_what_to_set() {
    let dir = tempfile::tempdir().unwrap();
    let backup = dir.path().join("backup");
    let nothing = said(&run(dir.path(), &["backup", backup.to_str().unwrap()]), 1);
    assert!(
        nothing.contains("no hub has run on this configuration yet") && nothing.contains("SENDRY_DATA_DIR"),
        "{nothing}"
    );
    assert!(!backup.exists());
    let nowhere = said(&run(dir.path(), &["migrate-store"]), 2);
    assert!(nowhere.contains("SENDRY_TRAFFIC_URL") && nowhere.contains("clickhouse://"), "{nowhere}");
    let letters = run(dir.path(), &["dead-letters", "list"]);
    assert_eq!(text(&letters.stdout), "There are no dead letters.\n");
    assert_eq!(text(&run(dir.path(), &["dead-letters", "list", "--json"]).stdout), "");
}

/// What doctor says, by the name of the thing, and its exit code.
fn doctor(dir: &Path, variables: &[(&str, &str)]) -> (Vec<Value>, i32) {
    let output = command(dir, &["doctor", "--json"]).envs(variables.iter().copied()).output().unwrap();
    let lines = text(&output.stdout);
    let found = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (found, output.status.code().unwrap())
}

fn level<'a>(found: &'a [Value], name: &str) -> &'a str {
    let one = found.iter().find(|one| one["name"] == name);
    one.unwrap_or_else(|| panic!("{name} is not looked at: {found:?}"))["level"].as_str().unwrap()
}

#[tokio::test]
async fn the_doctor_finds_nothing_wrong_before_the_first_start_and_beside_a_running_hub() {
    let dir = tempfile::tempdir().unwrap();
    let (found, code) = doctor(dir.path(), &[]);
    assert_eq!((code, level(&found, "data directory")), (0, "OK"), "{found:?}");
    assert!(!dir.path().join("data").exists(), "looking changes nothing");
    let hub = Served::start(dir.path());
    let (found, code) = doctor(dir.path(), &[]);
    assert!(code == 0 && found.iter().all(|one| one["level"] == "OK" || one["name"] == "disk"), "{found:?}");
    let address = hub.url.trim_start_matches("http://").to_owned();
    let (found, _) = doctor(dir.path(), &[("SENDRY_LISTEN", &address)]);
    let listener = found.iter().find(|one| one["name"] == "listener").unwrap();
    assert_eq!(listener["detail"], format!("a hub listens on {address}"));
    let running = found.iter().find(|one| one["name"] == "processes").unwrap();
    assert!(running["detail"].as_str().unwrap().contains("ingest,worker,query"), "{running}");
}

#[tokio::test]
async fn the_doctor_says_what_to_do_about_what_it_finds() {
    let dir = tempfile::tempdir().unwrap();
    drop(Served::start(dir.path()));
    let data = dir.path().join("data");
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (found, code) = doctor(dir.path(), &[]);
    assert_eq!((code, level(&found, "data directory")), (0, "WARN"), "a warning is no failure");
    let pool =
        sqlx::SqlitePool::connect(&format!("sqlite://{}", data.join("queue.db").display())).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 1000").execute(&pool).await.unwrap();
    pool.close().await;
    std::fs::write(data.join("traffic.db"), "this is no database, whatever its name says").unwrap();
    let (found, code) = doctor(dir.path(), &[]);
    assert_eq!((code, level(&found, "queue"), level(&found, "traffic")), (1, "FAIL", "FAIL"));
    assert!(found.iter().all(|one| one["level"] == "OK" || one["advice"].is_string()), "{found:?}");
    let people = text(&run(dir.path(), &["doctor"]).stdout);
    assert!(people.contains("FAIL  queue: ") && people.contains("→ "), "{people}");
}

#[tokio::test]
async fn the_doctor_looks_at_postgresql_without_touching_it() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::create();
    let url = database.url();
    let (found, code) = doctor(dir.path(), &[("SENDRY_METADATA_URL", &url)]);
    assert_eq!((code, level(&found, "metadata server"), level(&found, "metadata")), (0, "OK", "OK"));
    assert_eq!(level(&found, "clock and metadata"), "OK");
    let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'")
        .fetch_one(&mut database.connect().await)
        .await
        .unwrap();
    assert_eq!(tables, 0, "looking changes nothing");
    let wrong = "postgres://ann:s3cret@127.0.0.1:1/hub";
    let (found, code) = doctor(dir.path(), &[("SENDRY_METADATA_URL", wrong)]);
    assert_eq!((code, level(&found, "metadata")), (1, "FAIL"));
    assert!(!format!("{found:?}").contains("s3cret"), "{found:?}");
}

#[tokio::test]
async fn the_doctor_looks_at_clickhouse_without_touching_it() {
    let dir = tempfile::tempdir().unwrap();
    let database = clickhouse::Database::create();
    let url = database.url();
    let (found, code) = doctor(dir.path(), &[("SENDRY_TRAFFIC_URL", &url)]);
    assert_eq!((code, level(&found, "traffic server"), level(&found, "traffic")), (0, "OK", "OK"));
    assert_eq!(level(&found, "clock and traffic"), "OK");
    let (again, _) = doctor(dir.path(), &[("SENDRY_TRAFFIC_URL", &url)]);
    let traffic = again.iter().find(|one| one["name"] == "traffic").unwrap();
    assert!(traffic["detail"].as_str().unwrap().contains("nothing is stored yet"), "looking changes nothing");
    let wrong = "clickhouse://ann:s3cret@127.0.0.1:1/hub";
    let (found, code) = doctor(dir.path(), &[("SENDRY_TRAFFIC_URL", wrong)]);
    assert_eq!((code, level(&found, "traffic")), (1, "FAIL"));
    assert!(!format!("{found:?}").contains("s3cret"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_knocks_at_rabbitmq_and_makes_nothing_there() {
    let dir = tempfile::tempdir().unwrap();
    let url = amqp::url();
    let (found, code) = doctor(dir.path(), &[("SENDRY_QUEUE_URL", &url)]);
    assert_eq!((code, level(&found, "queue")), (0, "OK"), "{found:?}");
    let prefix = amqp::Prefix::new();
    rabbitmq::connect(&prefix.config(), Arc::new(SystemClock)).await.unwrap().health.close().await;
    let mut set = vec![("SENDRY_QUEUE_URL", url.as_str()), ("SENDRY_QUEUE__PREFIX", prefix.name.as_str())];
    let (found, code) = doctor(dir.path(), &set);
    assert_eq!((code, level(&found, "queue")), (0, "OK"), "its own queues: {found:?}");
    set.push(("SENDRY_QUEUE__RABBITMQ_QUEUE_TYPE", "classic"));
    let (found, code) = doctor(dir.path(), &set);
    assert_eq!((code, level(&found, "queue")), (1, "FAIL"));
    assert!(format!("{found:?}").contains("queue.rabbitmq_queue_type"), "{found:?}");
    let (found, code) = doctor(dir.path(), &[("SENDRY_QUEUE_URL", "amqp://ann:s3cret@127.0.0.1:1/hub")]);
    assert_eq!((code, level(&found, "queue")), (1, "FAIL"));
    assert!(!format!("{found:?}").contains("s3cret"), "{found:?}");
}

#[tokio::test]
async fn a_hub_keeps_its_metadata_in_postgresql() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::create();
    let url = database.url();
    let set = [("SENDRY_METADATA_URL", url.as_str())];
    let hub = Served::start_with(dir.path(), &set);
    let create = |arguments: &[&str]| json(&command(dir.path(), arguments).envs(set).output().unwrap());
    let app = create(&["app", "create", "shop", "--json"]);
    let token = create(&["token", "create", "test", "--json"]);
    let reporter = Reporter::with(&hub.url, &app, &token);
    assert!(reporter.send("/a").await);
    reporter.wait_for(1).await;
    assert!(!dir.path().join("data/metadata.db").exists());
    hub.signal("KILL");
    drop(hub);
    let hub = Served::start_with(dir.path(), &set);
    let again = Reporter::with(&hub.url, &app, &token);
    assert!(again.send("/a").await, "the key survived");
    again.wait_for(2).await;
}
