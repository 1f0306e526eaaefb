//! Committed documents that are generated from the code must be what the code generates now.

use std::path::PathBuf;

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
