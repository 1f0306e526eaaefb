//! Which environments an app may use: created on first use, at most twenty.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use sendry_sdk::protocol::limits::{ENVS_PER_APP_MAX, is_env_name};

use super::refusal::Refusal;
use crate::clock::SharedClock;
use crate::queue::AppId;
use crate::store::metadata::{EnvironmentAdmission, Metadata};

/// Pairs remembered; beyond them the store is asked again.
const KNOWN_MAX: usize = 20_000;

/// Admits environments and remembers those it admitted.
pub(super) struct Environments {
    metadata: Metadata,
    clock: SharedClock,
    known: RwLock<HashSet<(AppId, String)>>,
}

impl Environments {
    pub(super) fn new(metadata: Metadata, clock: SharedClock) -> Self {
        Self { metadata, clock, known: RwLock::default() }
    }

    /// Checks the name and the number of environments. When the store cannot be asked, the message passes: the worker asks
    /// again before it stores anything.
    pub(super) async fn admit(&self, app_id: AppId, env: String) -> Result<(), Refusal> {
        if !is_env_name(&env) {
            return Err(Refusal::BadEnvironment { env: env.chars().take(64).collect() });
        }
        let pair = (app_id, env);
        if self.known.read().unwrap_or_else(PoisonError::into_inner).contains(&pair) {
            return Ok(());
        }
        match self.metadata.admit_environment(app_id, &pair.1, self.clock.now()).await {
            Ok(EnvironmentAdmission::Admitted) => self.remember(pair),
            Ok(EnvironmentAdmission::TooMany) => {
                return Err(Refusal::TooManyEnvironments { env: pair.1, limit: ENVS_PER_APP_MAX });
            }
            Ok(EnvironmentAdmission::UnknownApp) => return Err(Refusal::WrongKey),
            Err(error) => tracing::warn!(%error, app.id = %app_id, "An environment was accepted unchecked."),
        }
        Ok(())
    }

    fn remember(&self, pair: (AppId, String)) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(pair);
    }
}
