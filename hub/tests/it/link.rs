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
    delay_ms: Arc<AtomicU64>,
    forwarder: Option<AbortHandle>,
}

impl Link {
    pub(crate) async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let delay_ms = Arc::default();
        let forwarder = Some(forward(listener, target.clone(), Arc::clone(&delay_ms)));
        Self { address, target, delay_ms, forwarder }
    }

    /// Breaks all connections; from now on there is nobody at the address.
    pub(crate) fn cut(&mut self) {
        if let Some(forwarder) = self.forwarder.take() {
            forwarder.abort();
        }
    }

    pub(crate) async fn mend(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.forwarder = Some(forward(listener, self.target.clone(), self.delay_ms.clone()));
    }

    /// From now on each piece of data waits as long as this before it goes on, in both directions.
    pub(crate) fn delay(&self, delay: Duration) {
        self.delay_ms.store(delay.as_millis() as u64, Ordering::Relaxed);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cut();
    }
}

/// Aborting the task drops the listener and, with the set, every connection.
fn forward(listener: TcpListener, target: String, delay_ms: Arc<AtomicU64>) -> AbortHandle {
    let accept = async move {
        let mut connections = JoinSet::new();
        loop {
            let Ok((mut near, _)) = listener.accept().await else { return };
            let (target, delay_ms) = (target.clone(), delay_ms.clone());
            connections.spawn(async move {
                if let Ok(mut far) = TcpStream::connect(target).await {
                    let ((from_near, to_near), (from_far, to_far)) = (near.split(), far.split());
                    let there = pump(from_near, to_far, &delay_ms);
                    let _ = tokio::try_join!(there, pump(from_far, to_near, &delay_ms));
                }
            });
        }
    };
    tokio::spawn(accept).abort_handle()
}

/// Carries what comes, until the end.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delay_ms: &AtomicU64,
) -> io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        let delay = delay_ms.load(Ordering::Relaxed);
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        to.write_all(&piece[..length]).await?;
    }
}
