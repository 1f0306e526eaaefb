//! One connection to the broker, opened anew whenever it is lost.
//!
//! The client library could recover by itself. It is not asked to: a confirm that is in flight then waits for a broker that
//! never saw its message, and consumers learn nothing of an outage. Here what is in flight fails at once, workers pause as they
//! do for a store, and every new connection declares the queues again, so that what somebody deleted comes back.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use lapin::runtime::default_runtime;
use lapin::tcp::OwnedTLSConfig;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, Event};
use tokio::sync::watch;

use super::error::Whom;
use super::topology::{Names, TOPICS, declare, examine};
use super::{QueueType, RabbitConfig};
use crate::queue::{QueueError, Topic};

/// How long the broker may take to answer a new connection, and to declare everything.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Seconds between signs of life, unless the URL says another `heartbeat`. A broker that is silent for two of them is gone:
/// a frozen machine or a cut cable closes no connection.
const HEARTBEAT_SECS: u16 = 10;

/// The first and the longest pause between two attempts to connect. The broker's clients all come back at once after its
/// restart, so each waits a random part of it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How often a connection is looked at that said nothing.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A connection as its users see it: there or not.
#[derive(Clone)]
pub(super) struct Link {
    shared: Arc<Shared>,
}

struct Shared {
    target: Target,
    /// INVARIANT: held for an instant, never over an await.
    current: RwLock<Option<Arc<Connection>>>,
    closed: watch::Sender<bool>,
}

/// How to connect.
struct Target {
    uri: AMQPUri,
    tls: OwnedTLSConfig,
    names: Arc<Names>,
    queue_type: QueueType,
    whom: Whom,
    /// Shown by the broker's tools.
    name: String,
}

impl Link {
    /// Connects and declares everything, once, with an error that says what to mend; from then on the connection is kept.
    pub(super) async fn open(
        config: &RabbitConfig,
        names: &Arc<Names>,
        purpose: &str,
    ) -> Result<Self, QueueError> {
        let target = Target::new(config, names.clone(), purpose)?;
        let connection = target.in_time(target.connect_and_declare()).await?;
        let (closed, _) = watch::channel(false);
        let current = RwLock::new(Some(Arc::new(connection)));
        let shared = Arc::new(Shared { target, current, closed });
        tokio::spawn(keep(shared.clone()));
        Ok(Self { shared })
    }

    /// A new channel, now or not at all.
    pub(super) async fn channel(&self) -> Result<Channel, QueueError> {
        Ok(self.connection()?.create_channel().await?)
    }

    /// Fails when the connection is lost, or when the broker does not read from it.
    pub(super) fn check_writable(&self) -> Result<(), QueueError> {
        match self.connection()?.status().blocked() {
            true => Err(QueueError::Unavailable(
                "RabbitMQ takes no messages, it is short of memory or disk (`rabbitmqctl status` shows the alarm)".into(),
            )),
            false => Ok(()),
        }
    }

    /// Declares a topic's queues once more: one of them is not there any more. On a channel of its own, so that the other topic does
    /// not notice.
    pub(super) async fn declare_again(&self, topic: Topic) -> Result<(), QueueError> {
        let connection = self.connection()?;
        self.shared.target.declare(&connection, topic).await
    }

    /// Disconnects for good.
    pub(super) async fn close(&self) {
        self.shared.closed.send_replace(true);
        let Some(connection) = self.shared.set(None) else { return };
        let closing = connection.close(200, "the hub shuts down".into());
        // A broker that is not there any more needs no farewell.
        let _ = tokio::time::timeout(LOOK_EVERY, closing).await;
    }

    fn connection(&self) -> Result<Arc<Connection>, QueueError> {
        let current = self.shared.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        match current {
            Some(connection) if connection.status().connected() => Ok(connection),
            _ if *self.shared.closed.borrow() => {
                Err(QueueError::Unavailable("the queue was closed".to_owned()))
            }
            _ => Err(self.shared.target.whom.unreachable("the connection was lost and is being opened anew")),
        }
    }
}

impl Shared {
    fn set(&self, connection: Option<Arc<Connection>>) -> Option<Arc<Connection>> {
        std::mem::replace(&mut *self.current.write().unwrap_or_else(PoisonError::into_inner), connection)
    }

    fn current(&self) -> Option<Arc<Connection>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Target {
    fn new(config: &RabbitConfig, names: Arc<Names>, purpose: &str) -> Result<Self, QueueError> {
        let mut uri: AMQPUri = config.url.parse().map_err(|problem| {
            QueueError::Misconfigured(format!(
                "queue.url (SENDRY_QUEUE_URL) is not a URL of RabbitMQ ({problem}): write \
                 amqp://user:password@host:5672/vhost, the vhost / as %2f"
            ))
        })?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECS);
        let whom = Whom::new(config, &uri);
        let name = format!("sendry-hub {purpose} ({})", std::process::id());
        let cert_chain = config.authorities.as_ref().map(|authorities| authorities.pem().to_owned());
        let tls = OwnedTLSConfig { identity: None, cert_chain };
        Ok(Self { uri, tls, names, queue_type: config.queue_type, whom, name })
    }

    async fn in_time<T>(&self, done: impl Future<Output = Result<T, QueueError>>) -> Result<T, QueueError> {
        tokio::time::timeout(CONNECT_TIMEOUT, done).await.unwrap_or_else(|_| {
            Err(self.whom.unreachable(&format!("no answer within {} s", CONNECT_TIMEOUT.as_secs())))
        })
    }

    async fn reach(&self) -> Result<Connection, QueueError> {
        let properties = ConnectionProperties::default().with_connection_name(self.name.as_str().into());
        let runtime = default_runtime().map_err(|error| self.whom.unreachable(&error.to_string()))?;
        let (uri, tls) = (self.uri.clone(), self.tls.clone());
        let connecting = Connection::connect_uri_with_config(uri, properties, tls, runtime);
        connecting.await.map_err(|error| self.whom.connecting(&error))
    }

    async fn connect_and_declare(&self) -> Result<Connection, QueueError> {
        let connection = self.reach().await?;
        for topic in TOPICS {
            self.declare(&connection, topic).await?;
        }
        Ok(connection)
    }

    /// While the hub runs one topic is enough: what is wrong with the queues of the other is told, and stops that one alone.
    async fn reconnect_and_declare(&self) -> Result<Connection, QueueError> {
        let connection = self.reach().await?;
        let [first, second] = TOPICS;
        let declared = [self.declare(&connection, first).await, self.declare(&connection, second).await];
        match declared {
            [Err(error), Err(_)] => return Err(error),
            [Err(error), Ok(())] | [Ok(()), Err(error)] => {
                tracing::warn!(%error, "One of the queues cannot be used.")
            }
            [Ok(()), Ok(())] => {}
        }
        Ok(connection)
    }

    async fn declare(&self, connection: &Connection, topic: Topic) -> Result<(), QueueError> {
        let declared = async {
            let channel = connection.create_channel().await?;
            declare(&channel, &self.names, (topic, self.queue_type)).await?;
            channel.close(200, "everything is declared".into()).await
        };
        declared.await.map_err(|error| self.whom.declaring(&error))
    }
}

/// Connects, looks whether the queues can be made and are as they should be, and makes nothing that stays.
pub(super) async fn look(config: &RabbitConfig, names: &Arc<Names>) -> Result<(), QueueError> {
    let target = Target::new(config, names.clone(), "doctor")?;
    let look = async {
        let connection = target.reach().await?;
        let examined = examine(&connection, names, config.queue_type).await;
        examined.map_err(|error| target.whom.declaring(&error))?;
        connection.close(200, "seen".into()).await.map_err(QueueError::from)
    };
    target.in_time(look).await
}

/// Watches the connection and opens it anew, until the link is closed.
async fn keep(shared: Arc<Shared>) {
    let mut closed = shared.closed.subscribe();
    loop {
        tokio::select! {
            _ = closed.wait_for(|closed| *closed) => return,
            () = until_lost(&shared) => {}
        }
        shared.set(None);
        tracing::warn!(connection = shared.target.name, "The connection to RabbitMQ is lost.");
        tokio::select! {
            _ = closed.wait_for(|closed| *closed) => return,
            connection = reconnect(&shared.target) => {
                shared.set(Some(Arc::new(connection)));
                // It may have been closed meanwhile: then nobody else would let go of it.
                if *shared.closed.borrow() {
                    shared.set(None);
                    return;
                }
            }
        }
        tracing::info!(connection = shared.target.name, "The connection to RabbitMQ is back.");
    }
}

async fn until_lost(shared: &Shared) {
    let Some(connection) = shared.current() else { return };
    let mut events = connection.events_listener().boxed();
    let status = connection.status().clone();
    drop(connection);
    while status.connected() && shared.current().is_some() {
        tokio::select! {
            () = listen(&mut events, &shared.target.name) => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Returns after an event that may mean the end; says what else happened.
async fn listen(events: &mut (impl Stream<Item = Event> + Unpin), connection: &str) {
    while let Some(event) = events.next().await {
        match event {
            Event::ConnectionBlocked(reason) => {
                tracing::warn!(
                    connection,
                    reason,
                    "RabbitMQ takes no messages: it is short of memory or disk."
                );
            }
            Event::ConnectionUnblocked => tracing::info!(connection, "RabbitMQ takes messages again."),
            Event::Error(_) => return,
            _ => {}
        }
    }
    std::future::pending().await
}

async fn reconnect(target: &Target) -> Connection {
    let (mut pause, mut told) = (FIRST_PAUSE, String::new());
    loop {
        match target.in_time(target.reconnect_and_declare()).await {
            Ok(connection) => return connection,
            // The same again and again is told once.
            Err(error) if error.to_string() == told => {}
            Err(error) => {
                tracing::warn!(%error, "RabbitMQ is still not there.");
                told = error.to_string();
            }
        }
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..=1.0))).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
