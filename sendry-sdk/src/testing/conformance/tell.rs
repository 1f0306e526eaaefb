//! What a handler tells `tracing`.

use tracing::Instrument;

/// The target of all that is told.
#[cfg(feature = "tracing")]
pub(super) const TARGET: &str = module_path!();

/// Logs and opens spans as a handler does: in its own task, in one that it spawns, and on a thread.
pub async fn tell() {
    tracing::info!(tenant = "acme", password = "hunter2", "before");
    tracing::debug!("not grave enough");
    let work = tracing::info_span!("work", step = 1, found = tracing::field::Empty);
    let in_span = async {
        tokio::task::yield_now().await;
        tracing::warn!("in a span");
        tracing::Span::current().record("found", 3);
    };
    in_span.instrument(work.clone()).await;
    let task = tracing::info_span!(parent: &work, "task");
    // It fails when the runtime ends; then nobody waits for the answer either.
    _ = tokio::spawn(async { tracing::error!("in a task") }.instrument(task)).await;
    _ = tokio::spawn(async { tracing::error!("in a task of nobody") }).await;
    _ = std::thread::spawn(move || work.in_scope(|| tracing::info!("on a thread"))).join();
    tracing::info!(value = %Chatty, "after");
}

/// A value that logs while it is shown.
struct Chatty;

impl std::fmt::Display for Chatty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        tracing::info!("while it is shown");
        f.write_str("shown")
    }
}
