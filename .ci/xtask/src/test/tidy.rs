//! Rules that no other tool knows, each with its reason. They look at the files that git tracks or would.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::tally::Tally;
use crate::workspace::{root, say};

/// A file this long is a folder that is missing.
const SOURCE_LINES_MAX: usize = 500;

/// Files that tools write.
const GENERATED: [&str; 4] = ["Cargo.lock", "package-lock.json", "openapi.json", "schema.d.ts"];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "common", "helpers", "misc", "manager"];

/// Marks of unfinished work, in two halves so that this file is not found.
const UNFINISHED: [(&str, &str); 3] = [("TO", "DO"), ("FIX", "ME"), ("#[ign", "ore")];

/// The parts of a middleware, whose folder's page says what all of them do.
const MIDDLEWARE: [&str; 4] = ["layer", "service", "future", "body"];

pub(super) fn run() -> Result<Tally> {
    let mut problems = Vec::new();
    for file in files()? {
        let Ok(text) = std::fs::read_to_string(root().join(&file)) else { continue };
        if !GENERATED.iter().any(|name| file.ends_with(name)) {
            problems.extend(look_at(&file, &text).into_iter().map(|problem| format!("{file}: {problem}")));
        }
    }
    problems.iter().for_each(say);
    Ok(Tally::of(problems.is_empty()))
}

fn files() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root());
    let listed = git.output().context("git cannot be run")?;
    ensure!(listed.status.success(), "git ls-files failed");
    Ok(String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect())
}

fn look_at(file: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let is_source = [".rs", ".ts", ".tsx", ".css", ".mjs"].iter().any(|end| file.ends_with(end));
    if is_source {
        problems.extend(source(file, text));
    }
    if file.ends_with(".md") {
        problems.extend(broken_links(file, text));
    }
    if text.lines().any(|line| line.ends_with(' ')) && !file.contains("LICENSE-") {
        problems.push("a line ends with a space".to_owned());
    }
    problems
}

fn source(file: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let lines = text.lines().count();
    if lines > SOURCE_LINES_MAX {
        problems.push(format!("{lines} lines; above {SOURCE_LINES_MAX} a file is a folder that is missing"));
    }
    let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) {
        problems.push(format!("{stem} says nothing about what is inside"));
    }
    let unfinished = UNFINISHED.map(|(a, b)| format!("{a}{b}"));
    problems
        .extend(unfinished.iter().filter(|mark| text.contains(*mark)).map(|mark| format!("contains {mark}")));
    let needs_head =
        file.ends_with(".rs") && file.contains("/src/") && stem != "tests" && !MIDDLEWARE.contains(&stem);
    if needs_head && !has_head(text) {
        problems.push("has no head that says what it is".to_owned());
    }
    problems
}

fn has_head(text: &str) -> bool {
    text.lines().take(10).any(|line| line.starts_with("//!") || line.contains("doc = include_str!"))
}

/// Relative links that lead nowhere.
fn broken_links(file: &str, text: &str) -> Vec<String> {
    let folder = root().join(file).parent().map(Path::to_owned).unwrap_or_default();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let local = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    let local = local.map(|target| target.split('#').next().unwrap_or_default());
    local
        .filter(|target| !folder.join(target).exists())
        .map(|target| format!("links to {target}, which is not there"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_without_a_head_is_found() {
        assert_eq!(look_at("a/src/x.rs", "fn f() {}\n").len(), 1);
        assert!(look_at("a/src/x.rs", "//! What it is.\nfn f() {}\n").is_empty());
        assert!(look_at("a/src/layer.rs", "fn f() {}\n").is_empty());
    }

    #[test]
    fn a_file_that_is_too_long_is_found() {
        let head = "//! What it is.\n";
        assert!(look_at("a/src/x.rs", &(head.to_owned() + &"\n".repeat(SOURCE_LINES_MAX - 1))).is_empty());
        assert_eq!(look_at("a/src/x.rs", &(head.to_owned() + &"\n".repeat(SOURCE_LINES_MAX))).len(), 1);
    }

    #[test]
    fn links_must_lead_somewhere() {
        assert_eq!(
            look_at("README.md", "[a](docs/not-there.md) [b](https://example.com) [c](#here)\n").len(),
            1
        );
        assert!(look_at("README.md", "[a](Cargo.toml#x)\n").is_empty());
    }
}
