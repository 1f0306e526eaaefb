//! Passwords: argon2id with the parameters that OWASP asks for (19 MiB, 2 passes, 1 lane).
//!
//! A hash takes tens of milliseconds of CPU, so it runs on the blocking pool, two at a time at the most: a flood of log-ins
//! must not take the runtime or the memory of the machine.

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use tokio::sync::Semaphore;

/// The shortest password; length is what counts.
pub const CHARS_MIN: usize = 10;
/// The longest, so that nobody lets us hash a megabyte.
pub const CHARS_MAX: usize = 200;

/// Hashes and checks passwords.
pub struct Passwords {
    permits: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Semaphore::new(2) }
    }
}

impl Passwords {
    /// Tells whether the password matches. Without a hash it takes as long and says no, so that the time of a refusal does
    /// not tell whether there is such a user.
    pub async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let Ok(_permit) = self.permits.acquire().await else { return false };
        tokio::task::spawn_blocking(move || verify(&password, hash.as_deref())).await.unwrap_or(false)
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        check(&password)?;
        let _permit = self.permits.acquire().await.map_err(|_| PasswordError::Hash)?;
        tokio::task::spawn_blocking(move || hash(&password)).await.map_err(|_| PasswordError::Hash)?
    }
}

/// Why a password cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has {CHARS_MIN} to {CHARS_MAX} characters")]
    Length,
    #[error("the password could not be hashed")]
    Hash,
}

/// Checks a new password's length.
pub fn check(password: &str) -> Result<(), PasswordError> {
    let chars = password.chars().count();
    if (CHARS_MIN..=CHARS_MAX).contains(&chars) { Ok(()) } else { Err(PasswordError::Length) }
}

/// Hashes on this thread.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|_| PasswordError::Hash)
}

fn verify(password: &str, stored: Option<&str>) -> bool {
    let Some(stored) = stored else {
        let _ = hash(password);
        return false;
    };
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &stored).is_ok()
}
