//! `sendry-hub doctor`: looks at everything a hub needs, without changing anything, and says what to do.
//!
//! It works beside a running hub and where none has ever run. A store that a serving hub would create or upgrade is left as it is.

mod embedded;
mod listener;
mod metadata;
mod queue;
mod traffic;

use crate::clock::{SharedClock, UnixMillis};
use crate::config::{Config, ConfigError};

use super::backends::Backends;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Ok,
    /// It works, and something should be done.
    Warn,
    /// The hub cannot do its work.
    Fail,
}

/// What was looked at, how it is, and what to do where it is not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    pub name: &'static str,
    pub level: Level,
    pub detail: String,
    pub advice: Option<String>,
}

impl Examination {
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, level: Level::Ok, detail: detail.into(), advice: None }
    }

    fn warn(name: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, level: Level::Warn, detail: detail.into(), advice: Some(advice.into()) }
    }

    fn fail(name: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, level: Level::Fail, detail: detail.into(), advice: Some(advice.into()) }
    }
}

/// A clock that is further off than this spoils what is counted: reports are accepted up to five minutes ahead.
const SKEW_MAX_MS: i64 = 5_000;

/// Looks at everything.
pub async fn examine(config: &Config, clock: &SharedClock) -> Result<Vec<Examination>, ConfigError> {
    let backends = Backends::of(config)?;
    let mut found = embedded::examine(&backends, config).await;
    found.push(listener::examine(config.http.listen));
    found.extend(queue::examine(&backends.queue).await);
    found.extend(traffic::examine(&backends.traffic, clock).await);
    found.extend(metadata::examine(&backends.metadata, clock).await);
    Ok(found)
}

/// Compares a server's clock with this machine's.
fn skew(name: &'static str, server: UnixMillis, here: UnixMillis) -> Examination {
    let ahead = here - server;
    if ahead.abs() <= SKEW_MAX_MS {
        return Examination::ok(name, format!("{} ms from the server's", ahead.abs()));
    }
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    let detail = format!("this machine is {:.1} s {direction} the server", ahead.abs() as f64 / 1_000.0);
    Examination::fail(name, detail, "run a time service (chrony, systemd-timesyncd) on both machines")
}

/// What a store says that gives no answer: a sentence that ends with what to do.
fn refused(name: &'static str, text: &str) -> Examination {
    let end = text.rfind("; ").max(text.rfind(": "));
    match end.map(|end| (&text[..end], &text[end + 2..])) {
        Some((problem, advice)) => Examination::fail(name, problem, advice),
        None => Examination::fail(name, text, "see the setting that names it"),
    }
}

/// A schema beside the newest that is known.
fn schema(name: &'static str, found: usize, known: usize) -> Examination {
    match found {
        0 => Examination::ok(name, "nothing is stored yet; the first start makes the tables"),
        found if found == known => Examination::ok(name, format!("schema version {found}")),
        found if found < known => Examination::warn(
            name,
            format!("schema version {found}, this version has {known}"),
            "the next start upgrades it and older hubs refuse it then: back up first",
        ),
        found => Examination::fail(
            name,
            format!("schema version {found}, this version knows up to {known}"),
            "run the version of the hub that wrote it, or a newer one",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_be_five_seconds_off_and_no_more() {
        let level = |here| skew("clock", 1_000_000, here).level;
        assert_eq!([level(1_005_000), level(995_000)], [Level::Ok; 2]);
        assert_eq!([level(1_005_001), level(994_999)], [Level::Fail; 2]);
        let ahead = skew("clock", 1_000_000, 1_009_300);
        assert_eq!(ahead.detail, "this machine is 9.3 s ahead of the server");
        assert!(ahead.advice.unwrap().contains("chrony"));
    }

    #[test]
    fn a_schema_is_new_current_old_or_too_new() {
        let level = |found| schema("metadata", found, 4).level;
        assert_eq!(
            [level(0), level(4), level(3), level(5)],
            [Level::Ok, Level::Ok, Level::Warn, Level::Fail]
        );
    }

    #[test]
    fn a_refusal_is_what_is_wrong_and_what_to_do() {
        let one = refused("queue", "RabbitMQ at x refuses user \"a\": correct the password");
        assert_eq!(one.detail, "RabbitMQ at x refuses user \"a\"");
        assert_eq!(one.advice.as_deref(), Some("correct the password"));
    }
}
