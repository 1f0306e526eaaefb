//! Writes the audit log: what was changed, by whom.
//!
//! An entry is written after its change. Should the store fail between the two, the change stays and the missing entry is
//! an error in the hub's log: a change that was made must not be reported as failed.

use serde_json::{Map, Value};

use super::Auth;
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::metadata::{Actor, ActorKind, Metadata, NewAuditEntry};

/// What was done. Details never hold a secret.
#[derive(Debug, Clone)]
pub struct Change {
    action: &'static str,
    target: Option<(String, String)>,
    app_id: Option<AppId>,
    details: Map<String, Value>,
}

impl Change {
    /// `action` names a thing and what happened to it: `user.disable`.
    pub fn new(action: &'static str) -> Self {
        Self { action, target: None, app_id: None, details: Map::new() }
    }

    /// What it was done to: an id and a name for people.
    pub fn target(mut self, id: impl ToString, name: &str) -> Self {
        self.target = Some((id.to_string(), name.to_owned()));
        self
    }

    /// The app that it concerns; none: the whole hub.
    pub fn app(mut self, app_id: Option<AppId>) -> Self {
        self.app_id = app_id;
        self
    }

    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// Writes an entry; a failure is logged here and nowhere else.
pub async fn record(metadata: &Metadata, now: UnixSecs, actor: Actor, change: Change) {
    let (target_id, target_name) = change.target.unzip();
    let entry = NewAuditEntry {
        at: now,
        actor,
        action: change.action.to_owned(),
        target_id,
        target_name,
        app_id: change.app_id,
        details: Value::Object(change.details),
    };
    if let Err(error) = metadata.write_audit(&entry).await {
        tracing::error!(%error, action = entry.action, actor = entry.actor.name, "A change is missing in the audit log.");
    }
}

/// Somebody on the command line of the hub's machine.
pub fn cli() -> Actor {
    let name = std::env::var("USER").unwrap_or_else(|_| "command line".to_owned());
    Actor { kind: ActorKind::Cli, id: None, name, address: None }
}

impl Auth {
    /// Writes what somebody changed.
    pub async fn record(&self, actor: Actor, change: Change) {
        record(&self.metadata, self.now(), actor, change).await;
    }
}
