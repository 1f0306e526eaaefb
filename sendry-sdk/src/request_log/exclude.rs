//! Exclusion: what is never logged, such as health checks. Metrics count it all the same.
//!
//! The writer decides it, so that no request waits for a search through patterns.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hashbrown::HashMap;

use super::capture::Capture;
use crate::protocol::RequestLog;

/// Health checks, and what browsers and crawlers ask for on their own.
pub(super) const PATHS: &[&str] = &[
    "*/health",
    "*/healthz",
    "*/health-check",
    "*/health_check",
    "*/healthcheck",
    "*/heartbeat",
    "*/livez",
    "*/live",
    "*/ping",
    "*/readyz",
    "*/ready",
    "*/favicon.ico",
    "*/robots.txt",
    "*/sitemap.xml",
    "*/.well-known/*",
];

/// Those that only look whether somebody is there.
pub(super) const USER_AGENTS: &[&str] = &[
    "elb-healthchecker",
    "googlehc",
    "health check",
    "health-check",
    "kube-probe",
    "microsoft-azure-application-lb",
    "uptime-kuma",
    "uptimerobot",
];

/// User agents whose answer is remembered, and the bytes of one up to which it is.
const REMEMBERED_MAX: usize = 1_024;
const REMEMBERED_BYTES_MAX: usize = 256;

/// The application's own word: whether an entry is left out.
pub(super) type Unwanted = Arc<dyn Fn(&RequestLog) -> bool + Send + Sync>;

/// All that leaves requests out.
pub(super) struct Exclusions {
    pub(super) paths: PathPatterns,
    pub(super) user_agents: UserAgents,
    pub(super) unwanted: Option<Unwanted>,
}

impl Exclusions {
    /// Whether a request is left out for its path or its user agent; whether its route is, [`PathPatterns`] says.
    pub(super) fn leave_out(&self, capture: &Capture) -> bool {
        let path = capture.url().split('?').next().unwrap_or_default();
        self.paths.match_any(path)
            || capture
                .request_headers()
                .first("user-agent")
                .is_some_and(|agent| self.user_agents.contain(agent))
    }

    /// Whether there is a function to ask.
    pub(super) fn asks(&self) -> bool {
        self.unwanted.is_some()
    }

    /// Asks the application's function.
    pub(super) fn ask(&self, log: &RequestLog) -> std::thread::Result<bool> {
        let Some(unwanted) = &self.unwanted else { return Ok(false) };
        catch_unwind(AssertUnwindSafe(|| unwanted(log)))
    }
}

/// Paths that are matched whole; `*` stands for anything, also for nothing.
#[derive(Debug)]
pub(super) struct PathPatterns(Vec<PathPattern>);

impl PathPatterns {
    pub(super) fn new(patterns: &[String]) -> Self {
        Self(patterns.iter().map(|pattern| PathPattern::new(pattern)).collect())
    }

    pub(super) fn match_any(&self, path: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(path))
    }
}

/// What stands before the first `*`, between two, and after the last.
#[derive(Debug)]
enum PathPattern {
    Exact(Box<str>),
    Gaps { first: Box<str>, between: Box<[Box<str>]>, last: Box<str> },
}

impl PathPattern {
    fn new(pattern: &str) -> Self {
        let Some((first, rest)) = pattern.split_once('*') else { return Self::Exact(pattern.into()) };
        let (between, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        let between = between.split('*').filter(|piece| !piece.is_empty()).map(Box::from).collect();
        Self::Gaps { first: first.into(), between, last: last.into() }
    }

    /// Takes the first place where each piece fits: without anything but `*` the first is as good as any other, so nothing is
    /// tried twice.
    fn matches(&self, path: &str) -> bool {
        let (first, between, last) = match self {
            Self::Exact(exact) => return **exact == *path,
            Self::Gaps { first, between, last } => (first, between, last),
        };
        // Most paths end here.
        if !path.ends_with(&**last) {
            return false;
        }
        let Some(path) = path.strip_prefix(&**first) else { return false };
        let Some(mut path) = path.strip_suffix(&**last) else { return false };
        between.iter().all(|piece| match position(path, piece) {
            Some(at) => {
                path = &path[at + piece.len()..];
                true
            }
            None => false,
        })
    }
}

/// Where a piece begins. Paths are short: preparing a real search for the piece costs more than trying it wherever its first
/// character stands.
fn position(path: &str, piece: &str) -> Option<usize> {
    let first = piece.chars().next()?;
    path.match_indices(first).map(|(at, _)| at).find(|at| path[*at..].starts_with(piece))
}

/// Pieces of user agents, without regard to case.
#[derive(Debug)]
pub(super) struct UserAgents {
    pieces: Vec<String>,
    remembered: RefCell<HashMap<Box<[u8]>, bool>>,
}

impl UserAgents {
    pub(super) fn new(pieces: &[String]) -> Self {
        let pieces = pieces.iter().map(|piece| piece.to_ascii_lowercase()).collect();
        Self { pieces, remembered: RefCell::default() }
    }

    pub(super) fn contain(&self, user_agent: &[u8]) -> bool {
        if user_agent.len() > REMEMBERED_BYTES_MAX {
            return self.find(user_agent);
        }
        if let Some(known) = self.remembered.borrow().get(user_agent) {
            return *known;
        }
        let found = self.find(user_agent);
        let mut remembered = self.remembered.borrow_mut();
        if remembered.len() < REMEMBERED_MAX {
            remembered.insert(user_agent.into(), found);
        }
        found
    }

    fn find(&self, user_agent: &[u8]) -> bool {
        let user_agent = String::from_utf8_lossy(user_agent).to_ascii_lowercase();
        self.pieces.iter().any(|piece| user_agent.contains(piece.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_is_excluded_whole_by_its_beginning_its_end_or_with_gaps() {
        let cases = [
            ("/a", "/a", true),
            ("/a", "/a/", false),
            ("/a/*", "/a/b/c", true),
            ("/a/*", "/a/", true),
            ("/a/*", "/a", false),
            ("*.png", "/x/y.png", true),
            ("*.png", "/x/y.pngs", false),
            ("/a/*/c/*", "/a/b/c/d", true),
            ("/a/*/c", "/a/c", false),
            ("/a*a", "/a", false),
            ("*", "", true),
            ("**", "/", true),
            ("*b*b*", "abab", true),
            ("*b*b", "ab", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(PathPattern::new(pattern).matches(path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_defaults_leave_health_checks_out_and_nothing_else() {
        let paths = PathPatterns::new(&PATHS.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
        for path in ["/healthz", "/api/health", "/ping", "/favicon.ico", "/.well-known/acme/x"] {
            assert!(paths.match_any(path), "{path}");
        }
        for path in ["/", "/health/records", "/orders/17", "/pings", "/shipping"] {
            assert!(!paths.match_any(path), "{path}");
        }
        let agents =
            UserAgents::new(&USER_AGENTS.iter().map(|piece| (*piece).to_owned()).collect::<Vec<_>>());
        assert!(agents.contain(b"kube-probe/1.31") && agents.contain(b"GoogleHC/1.0"));
        assert!(!agents.contain(b"Mozilla/5.0 \xff") && !agents.contain(b""));
    }

    #[test]
    fn made_up_user_agents_are_not_remembered_for_ever() {
        let agents = UserAgents::new(&["probe".to_owned()]);
        (0..5_000).for_each(|n| assert!(!agents.contain(format!("agent {n}").as_bytes())));
        assert_eq!(agents.remembered.borrow().len(), REMEMBERED_MAX);
    }

    proptest! {
        #[test]
        fn patterns_match_as_the_plain_definition_says(pattern in "[ab*]{0,7}", path in "[ab]{0,7}") {
            prop_assert_eq!(PathPattern::new(&pattern).matches(&path), by_definition(pattern.as_bytes(), path.as_bytes()));
        }
    }

    fn by_definition(pattern: &[u8], path: &[u8]) -> bool {
        match pattern.split_first() {
            None => path.is_empty(),
            Some((b'*', rest)) => (0..=path.len()).any(|at| by_definition(rest, &path[at..])),
            Some((byte, rest)) => path.first() == Some(byte) && by_definition(rest, &path[1..]),
        }
    }
}
