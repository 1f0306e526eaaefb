//! The sync thread: takes what was counted, freezes it into reports and brings them to the hub.
//!
//! It runs on a thread of its own with its own small runtime, so that the constructor needs no runtime and the host's is never
//! used. [`Syncer`] decides what to do and when; this file only waits for the next moment or command.
//!
//! INVARIANT: every error ends here. Nothing the hub, the network or the disk does reaches the application.

mod deliver;
mod freeze;
mod outbox;
mod request_logs;
mod rhythm;
mod spool;
mod syncer;
#[cfg(all(test, feature = "testing"))]
mod tests;
pub mod transport;

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::Announcement;
use crate::client::Client;
use crate::config::Config;
pub(crate) use spool::create_private;
use syncer::Syncer;

/// How long `shutdown` tries to reach the hub before it leaves the rest to the next process.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(5);

/// What handles ask of the sync thread.
pub(crate) enum Command {
    Announce(Announcement),
    SendRequestLogs,
    Flush(oneshot::Sender<Result<(), FlushError>>),
    Shutdown(oneshot::Sender<Result<(), FlushError>>),
}

/// Why not everything reached the hub.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlushError {
    /// The hub could not be reached, or asks to wait. What was counted is kept and sent later.
    #[error("the hub did not take the report, it is kept: {0}")]
    Kept(String),
    /// The client was shut down before, or this process was forked from the one that it was built in.
    #[error("the client was shut down, or was built before this process was forked")]
    Stopped,
}

/// Starts the thread. When even that fails, the host goes on without being measured, with one log line.
pub(crate) fn spawn(client: &'static Client, config: Config, commands: mpsc::UnboundedReceiver<Command>) {
    let run = move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run(Syncer::new(client, config), commands)),
        Err(error) => tracing::error!(%error, "Sendry cannot start its runtime; nothing will be reported"),
    };
    let guarded = move || {
        let _stop = StopCounting(client);
        run();
    };
    if let Err(error) = std::thread::Builder::new().name("sendry-sync".to_owned()).spawn(guarded) {
        client.stop_counting();
        tracing::error!(%error, "Sendry cannot start its thread; nothing will be reported");
    }
}

/// Ends counting with the thread, however it ends: what nobody reports must not pile up in the host's memory.
struct StopCounting(&'static Client);

impl Drop for StopCounting {
    fn drop(&mut self) {
        self.0.stop_counting();
        if std::thread::panicking() {
            tracing::error!("Sendry's thread panicked; nothing is reported any more");
        }
    }
}

async fn run(mut syncer: Syncer, mut commands: mpsc::UnboundedReceiver<Command>) {
    loop {
        let wait = syncer.wait();
        match tokio::time::timeout(wait, commands.recv()).await {
            Err(_elapsed) => syncer.tick().await,
            Ok(Some(Command::Announce(announcement))) => {
                syncer.announce(announcement);
                syncer.tick().await;
            }
            Ok(Some(Command::SendRequestLogs)) => {
                syncer.notice_request_logs();
                syncer.tick().await;
            }
            Ok(Some(Command::Flush(reply))) => _ = reply.send(syncer.flush().await),
            Ok(Some(Command::Shutdown(reply))) => {
                _ = reply.send(syncer.shutdown(SHUTDOWN_WAIT).await);
                return;
            }
            Ok(None) => return,
        }
    }
}
