//! Methods as small numbers.

use http::Method;

use crate::protocol::OTHER_METHOD;

/// A method known to HTTP, or `_OTHER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MethodId(u8);

const NAMES: [&str; 10] =
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", OTHER_METHOD];

impl MethodId {
    pub(crate) const HEAD: Self = Self(5);
    pub(crate) const OPTIONS: Self = Self(6);
    pub(crate) const CONNECT: Self = Self(7);

    #[inline]
    pub(crate) fn of(method: &Method) -> Self {
        Self(match *method {
            Method::GET => 0,
            Method::POST => 1,
            Method::PUT => 2,
            Method::PATCH => 3,
            Method::DELETE => 4,
            Method::HEAD => 5,
            Method::OPTIONS => 6,
            Method::CONNECT => 7,
            Method::TRACE => 8,
            _ => 9,
        })
    }

    /// The method of a name in upper case.
    #[inline]
    pub(crate) fn named(name: &str) -> Self {
        Self(NAMES.iter().position(|known| *known == name).unwrap_or(NAMES.len() - 1) as u8)
    }

    /// How many methods there are; [`Self::index`] is below it.
    pub(crate) const COUNT: usize = NAMES.len();

    #[inline]
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    pub(crate) fn as_str(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }
}
