//! A way to a server that can be cut: connections break, new ones are refused, until it is mended.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// Forwards every connection to `target`.
pub(crate) struct Link {
    /// Where to connect instead.
    pub(crate) address: SocketAddr,
    target: String,
    forwarder: Option<AbortHandle>,
}

impl Link {
    pub(crate) async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let forwarder = Some(forward(listener, target.clone()));
        Self { address, target, forwarder }
    }

    /// Breaks all connections; from now on there is nobody at the address.
    pub(crate) fn cut(&mut self) {
        if let Some(forwarder) = self.forwarder.take() {
            forwarder.abort();
        }
    }

    pub(crate) async fn mend(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.forwarder = Some(forward(listener, self.target.clone()));
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cut();
    }
}

/// Aborting the task drops the listener and, with the set, every connection.
fn forward(listener: TcpListener, target: String) -> AbortHandle {
    let accept = async move {
        let mut connections = JoinSet::new();
        loop {
            let Ok((mut near, _)) = listener.accept().await else { return };
            let target = target.clone();
            connections.spawn(async move {
                if let Ok(mut far) = TcpStream::connect(target).await {
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
    };
    tokio::spawn(accept).abort_handle()
}
