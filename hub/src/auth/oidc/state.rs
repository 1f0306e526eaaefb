//! What the browser holds between leaving for the provider and coming back: a cookie for ten minutes, signed by the hub.
//!
//! It is `SameSite=Lax`, because the provider sends people back from another site; the session's cookie stays strict. The
//! verifier in it is worth nothing without the provider's code, and the code nothing without it.

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::clock::UnixSecs;

/// The name of the cookie.
pub(super) const COOKIE: &str = "sendry_provider";
/// How long a log-in at the provider may take.
pub(super) const SECS: i64 = 600;

/// A log-in that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    /// Where to go afterwards: a path of the dashboard.
    pub(super) next: String,
    pub(super) expires_at: UnixSecs,
}

impl Begun {
    /// The cookie's value.
    pub(super) fn sign(&self, key: &[u8; 32]) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        let signature = mac(key, &text).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default();
        format!("{}.{}", hex::encode(&text), hex::encode(signature))
    }

    /// Reads a cookie's value: none when it is not ours or its time is over.
    pub(super) fn verify(value: &str, key: &[u8; 32], now: UnixSecs) -> Option<Self> {
        let (text, signature) = value.split_once('.')?;
        let (text, signature) = (hex::decode(text).ok()?, hex::decode(signature).ok()?);
        mac(key, &text)?.verify_slice(&signature).ok()?;
        let begun: Self = serde_json::from_slice(&text).ok()?;
        (now < begun.expires_at).then_some(begun)
    }
}

fn mac(key: &[u8; 32], text: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_hub_signed_counts_and_not_for_long() {
        let begun = Begun {
            state: "s".into(),
            nonce: "n".into(),
            verifier: "v".into(),
            next: "/apps".into(),
            expires_at: 100,
        };
        let value = begun.sign(&[1; 32]);
        assert_eq!(Begun::verify(&value, &[1; 32], 99), Some(begun.clone()));
        assert_eq!(Begun::verify(&value, &[1; 32], 100), None);
        assert_eq!(Begun::verify(&value, &[2; 32], 99), None);
        let other = Begun { next: "/evil".into(), ..begun }.sign(&[1; 32]);
        let mixed = format!("{}.{}", other.split_once('.').unwrap().0, value.split_once('.').unwrap().1);
        assert_eq!(Begun::verify(&mixed, &[1; 32], 99), None);
        for rubbish in ["", ".", "zz.zz", "00"] {
            assert_eq!(Begun::verify(rubbish, &[1; 32], 99), None);
        }
    }
}
