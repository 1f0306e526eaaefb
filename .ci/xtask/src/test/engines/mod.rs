//! The servers that Rust tests run against: found or started here, handed to the tests in a variable, and their tests counted.
//!
//! To add one: a file here with its `provide`, and a line in [`ENGINES`].

pub(crate) mod clickhouse;
mod openid;
mod postgres;
mod rabbitmq;

use anyhow::Result;

use super::tally::Tally;
use crate::process::{Captured, Service};
use crate::workspace::say;

/// A kind of server.
pub(super) struct Engine {
    pub(super) name: &'static str,
    /// The variable that names a server to the tests.
    pub(super) variable: &'static str,
    /// What the paths of its tests contain, and no others.
    pub(super) marker: &'static str,
    provide: fn() -> Result<Provided>,
}

/// A server that tests may use.
pub(super) struct Provided {
    /// For the tests' variable; none when they find it by themselves.
    pub(super) url: Option<String>,
    /// Stops it when it is dropped, where it was started here.
    _service: Option<Service>,
    /// Where it keeps its data, where it was started here.
    _data: Option<tempfile::TempDir>,
}

impl Provided {
    /// A server that was there before.
    fn found() -> Self {
        Self { url: None, _service: None, _data: None }
    }

    fn started(url: String, service: Service, data: tempfile::TempDir) -> Self {
        Self { url: Some(url), _service: Some(service), _data: Some(data) }
    }
}

const ENGINES: &[Engine] = &[
    Engine {
        name: "PostgreSQL",
        variable: "SENDRY_TEST_POSTGRES_URL",
        marker: "postgres",
        provide: postgres::provide,
    },
    Engine {
        name: "ClickHouse",
        variable: "SENDRY_TEST_CLICKHOUSE_URL",
        marker: "clickhouse",
        provide: clickhouse::provide,
    },
    Engine {
        name: "RabbitMQ",
        variable: "SENDRY_TEST_AMQP_URL",
        marker: "rabbitmq",
        provide: rabbitmq::provide,
    },
    Engine {
        name: "OpenID provider",
        variable: "SENDRY_TEST_OPENID_DIR",
        marker: "access::openid",
        provide: openid::provide,
    },
];

/// What could be got, and what could not.
#[derive(Default)]
pub(super) struct Engines {
    there: Vec<(&'static Engine, Provided)>,
    missing: Vec<(&'static Engine, String)>,
}

impl Engines {
    /// Takes the servers that variables name; finds, installs and starts the others.
    pub(super) fn provide() -> Self {
        let mut engines = Self::default();
        for engine in ENGINES {
            let named = std::env::var_os(engine.variable).is_some();
            match if named { Ok(Provided::found()) } else { (engine.provide)() } {
                Ok(provided) => engines.there.push((engine, provided)),
                Err(problem) => {
                    let problem = format!("{}: {problem:#}", engine.name);
                    say(&problem);
                    engines.missing.push((engine, problem));
                }
            }
        }
        engines
    }

    /// Variables for the tests.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.there.iter().filter_map(|(engine, provided)| Some((engine.variable, provided.url.as_deref()?)))
    }

    /// What leaves the tests of missing servers out, in nextest's language; none when nothing is missing.
    pub(super) fn filter(&self) -> Option<String> {
        let left_out = self.missing.iter().map(|(engine, _)| format!("not test({})", engine.marker));
        Some(left_out.collect::<Vec<_>>().join(" and ")).filter(|filter| !filter.is_empty())
    }

    /// Adds what each server ran, and what could not be run.
    pub(super) fn note(&self, run: &Captured, tally: &mut Tally) {
        for (engine, _) in &self.there {
            tally.notes.push(format!("{} ran {} tests", engine.name, count(&run.output, engine.marker)));
        }
        tally.missing.extend(self.missing.iter().map(|(_, problem)| problem.clone()));
    }
}

/// The tests in a runner's output whose path contains `marker`: nextest's lines `PASS [ 0.1s] crate::it path`, or cargo's
/// `test path ... ok`.
fn count(output: &str, marker: &str) -> usize {
    let is_result = |line: &&str| {
        ["PASS ", "FAIL ", "TIMEOUT "].iter().any(|word| line.starts_with(word))
            || (line.starts_with("test ") && line.contains(" ... "))
    };
    let lines: std::collections::BTreeSet<_> =
        output.lines().map(str::trim).filter(is_result).filter(|line| line.contains(marker)).collect();
    lines.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_of_a_server_are_counted_by_their_paths() {
        let nextest = "   PASS [   1.4s] ( 1/9) sendry-hub::it metadata_contract::on_postgres::a\n   PASS [   1.4s] ( 2/9) \
                       sendry-hub::it metadata_contract::on_sqlite::a\n   FAIL [   0.1s] ( 3/9) sendry-hub::it \
                       metadata_on_postgres::b\nSummary [ 1s] 3 tests run: postgres\n";
        assert_eq!(count(nextest, "postgres"), 2);
        assert_eq!(
            count("test metadata_contract::on_postgres::a ... ok\nwarning: postgres\n", "postgres"),
            1
        );
    }
}
