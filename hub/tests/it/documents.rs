//! Committed documents that are generated from the code must be what the code generates now, and tests that documents name
//! must be there.

use std::path::{Path, PathBuf};

fn assert_is_current(name: &str, generated: &str, command: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed.trim_end() == generated.trim_end(),
        "docs/{name} is not what the code says; run: cargo run -p sendry-hub -- {command} > docs/{name}"
    );
}

#[test]
fn the_openapi_document_is_current() {
    let generated = sendry_hub::query::document().to_pretty_json().unwrap();
    assert_is_current("openapi.json", &generated, "openapi");
}

#[test]
fn the_configuration_reference_is_current() {
    assert_is_current("configuration.md", &sendry_hub::config::reference(), "config reference");
}

/// The sources of all tests, one after the other.
fn sources(directory: &Path) -> String {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| match path.is_dir() {
        true => sources(&path),
        false => std::fs::read_to_string(path).unwrap(),
    };
    entries.map(read).collect()
}

#[test]
fn the_tests_that_the_table_of_failures_names_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("../docs/operations.md")).unwrap();
    let (_, table) = page.split_once("| what | how | what happens | lost | proof |").unwrap();
    let rows: Vec<_> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 30, "{} rows", rows.len());
    let tests = ["tests/it", "src", "../sendry-sdk/src"].map(|folder| sources(&root.join(folder))).concat();
    for row in rows {
        let proof = row.trim_matches('|').rsplit('|').next().unwrap();
        let names: Vec<_> = proof.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing proves this: {row}");
        for name in names {
            let is_there = tests.contains(&format!("fn {name}(")) || tests.contains(&format!("fn {name}<"));
            assert!(is_there, "docs/operations.md names {name}, which is no test");
        }
    }
}

#[test]
fn every_watchdog_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("../docs/operations.md")).unwrap();
    for watchdog in sendry_hub::system::Watchdog::ALL {
        assert!(
            page.contains(&format!("`{}`", watchdog.name())),
            "{} is not in docs/operations.md",
            watchdog.name()
        );
    }
}
