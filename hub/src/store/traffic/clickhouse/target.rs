//! Where ClickHouse is: the URL of the configuration, taken apart.

use std::fmt;

use http::Uri;

use crate::certificates::Authorities;

/// What `traffic.url` may look like.
pub const URL_FORM: &str = "clickhouse://user:password@host:8123/database (its HTTP port; ?secure=1 for TLS, ?compression=none in one machine room)";

/// The port of ClickHouse's HTTP interface, without and with TLS.
const PORT: u16 = 8_123;
const PORT_TLS: u16 = 8_443;

/// A server, a database and who asks.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) is_secure: bool,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) database: String,
    /// Whether rows travel as LZ4.
    pub(super) compresses: bool,
    /// Authorities that are trusted beside the public ones.
    pub(super) authorities: Option<Authorities>,
}

impl Target {
    /// Takes `clickhouse://…` apart; none when it is not of [`URL_FORM`].
    pub fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let mut is_secure = match uri.scheme_str()? {
            "clickhouse" => false,
            "clickhouses" => true,
            _ => return None,
        };
        let mut compresses = true;
        for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            match pair {
                "secure=1" => is_secure = true,
                "secure=0" => is_secure = false,
                "compression=lz4" => compresses = true,
                "compression=none" => compresses = false,
                _ => return None,
            }
        }
        let authority = uri.authority()?;
        let credentials =
            authority.as_str().rsplit_once('@').map_or("default", |(credentials, _)| credentials);
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        let database = uri.path().trim_matches('/');
        Some(Self {
            host: Some(uri.host()?).filter(|host| !host.is_empty())?.to_owned(),
            port: uri.port_u16().unwrap_or(if is_secure { PORT_TLS } else { PORT }),
            is_secure,
            user: decoded(user)?,
            password: decoded(password)?,
            database: if database.is_empty() { "sendry".to_owned() } else { decoded(database)? },
            compresses,
            authorities: None,
        })
    }

    /// The same, trusting further authorities.
    pub fn trusting(self, authorities: Option<Authorities>) -> Self {
        Self { authorities, ..self }
    }

    pub(super) fn http_url(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}:{}", self.host, self.port)
    }
}

/// Without the password.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} as {}", self.http_url(), self.database, self.user)
    }
}

/// `text` with its `%xx` replaced.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, after @ ..] = rest else { return None };
        let digits = [*high, *low];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_all_or_little() {
        let full =
            Target::parse("clickhouse://ann:p%40ss%3A@db.example:9000/traffic?secure=1&compression=none")
                .unwrap();
        assert_eq!(
            (full.user.as_str(), full.password.as_str(), full.database.as_str()),
            ("ann", "p@ss:", "traffic")
        );
        assert_eq!((full.http_url().as_str(), full.compresses), ("https://db.example:9000", false));
        let short = Target::parse("clickhouse://db.example").unwrap();
        assert_eq!(
            (short.user.as_str(), short.password.as_str(), short.database.as_str()),
            ("default", "", "sendry")
        );
        assert_eq!((short.http_url().as_str(), short.compresses), ("http://db.example:8123", true));
        assert_eq!(
            Target::parse("clickhouses://db.example/x").unwrap().http_url(),
            "https://db.example:8443"
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for wrong in
            ["http://db.example", "clickhouse:", "clickhouse://db/x?sceure=1", "clickhouse://a:%4@db/x"]
        {
            assert!(Target::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let target = Target::parse("clickhouse://ann:secret@db.example/x").unwrap();
        assert_eq!(format!("{target:?}"), "http://db.example:8123/x as ann");
    }
}
