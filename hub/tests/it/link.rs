//! A way to a server that can be cut and slowed: connections break, new ones are refused, until it is mended.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// Forwards every connection to `target`.
pub(crate) struct Link {
    /// Where to connect instead.
    pub(crate) address: SocketAddr,
    target: String,
    faults: Arc<Faults>,
    forwarder: Option<AbortHandle>,
}

/// What becomes of data on its way.
#[derive(Default)]
struct Faults {
    delay_ms: AtomicU64,
    /// Answers to let through before one is lost; none is lost while this is 0.
    lost_answer: AtomicU64,
}

impl Link {
    pub(crate) async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let faults = Arc::default();
        let forwarder = Some(forward(listener, target.clone(), Arc::clone(&faults)));
        Self { address, target, faults, forwarder }
    }

    /// Breaks all connections; from now on there is nobody at the address.
    pub(crate) fn cut(&mut self) {
        if let Some(forwarder) = self.forwarder.take() {
            forwarder.abort();
        }
    }

    pub(crate) async fn mend(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.forwarder = Some(forward(listener, self.target.clone(), self.faults.clone()));
    }

    /// From now on each piece of data waits as long as this before it goes on, in both directions.
    pub(crate) fn delay(&self, delay: Duration) {
        self.faults.delay_ms.store(delay.as_millis() as u64, Ordering::Relaxed);
    }

    /// The answer of this number from now on, counted from 1, is lost with its connection: the other side did what it was asked.
    pub(crate) fn lose_answer(&self, number: u64) {
        self.faults.lost_answer.store(number, Ordering::SeqCst);
    }

    /// Whether the answer that was to be lost is lost, or nothing else is to be lost.
    pub(crate) fn has_lost_it(&self) -> bool {
        self.faults.lost_answer.load(Ordering::SeqCst) == 0
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cut();
    }
}

/// Aborting the task drops the listener and, with the set, every connection.
fn forward(listener: TcpListener, target: String, faults: Arc<Faults>) -> AbortHandle {
    let accept = async move {
        let mut connections = JoinSet::new();
        loop {
            let Ok((mut near, _)) = listener.accept().await else { return };
            let (target, faults) = (target.clone(), faults.clone());
            connections.spawn(async move {
                if let Ok(mut far) = TcpStream::connect(target).await {
                    let ((from_near, to_near), (from_far, to_far)) = (near.split(), far.split());
                    let there = pump(from_near, to_far, &faults, || true);
                    let _ = tokio::try_join!(there, pump(from_far, to_near, &faults, || passes(&faults)));
                }
            });
        }
    };
    tokio::spawn(accept).abort_handle()
}

/// Whether an answer is not the one that is to be lost.
fn passes(faults: &Faults) -> bool {
    let left =
        faults.lost_answer.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    left != Ok(1)
}

/// Carries what comes, until the end, or until something does not pass.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    faults: &Faults,
    passes: impl Fn() -> bool,
) -> io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        if !passes() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let delay = faults.delay_ms.load(Ordering::Relaxed);
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        to.write_all(&piece[..length]).await?;
    }
}
