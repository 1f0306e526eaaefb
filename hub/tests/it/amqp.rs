//! RabbitMQ for tests: a broker that is there, and names of its own for each test.

use lapin::options::{ExchangeDeleteOptions, QueueDeleteOptions};
use lapin::{Connection, ConnectionProperties};
use sendry_hub::queue::rabbitmq::{QueueType, RabbitConfig};
use uuid::Uuid;

/// Where a broker is when nobody says otherwise.
const STANDARD: &str = "amqp://guest:guest@127.0.0.1:5672/%2f";

/// The broker that tests share. They touch nothing there but what begins with their prefix.
pub(crate) fn url() -> String {
    std::env::var("SENDRY_TEST_AMQP_URL").unwrap_or_else(|_| STANDARD.to_owned())
}

/// Quorum queues at this broker, under this prefix.
pub(crate) fn config(url: &str, prefix: &str) -> RabbitConfig {
    RabbitConfig {
        url: url.to_owned(),
        prefix: prefix.to_owned(),
        queue_type: QueueType::Quorum,
        authorities: None,
    }
}

/// Names of a test; what was made under them is deleted when it is dropped.
pub(crate) struct Prefix {
    url: String,
    pub(crate) name: String,
}

impl Prefix {
    pub(crate) fn new() -> Self {
        Self::at(url())
    }

    /// At a broker of the test's own.
    pub(crate) fn at(url: String) -> Self {
        Self { url, name: format!("sendry-test-{}", Uuid::new_v4().simple()) }
    }

    pub(crate) fn config(&self) -> RabbitConfig {
        config(&self.url, &self.name)
    }

    pub(crate) fn queue(&self, rest: &str) -> lapin::types::ShortString {
        format!("{}.{rest}", self.name).into()
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        run(async {
            // A broker of the test's own may be gone, and everything with it.
            let Ok(connection) = Connection::connect(&self.url, ConnectionProperties::default()).await else {
                return;
            };
            let channel = connection.create_channel().await.unwrap();
            for queue in ["reports", "request_logs", "reports.dead", "request_logs.dead"] {
                channel.queue_delete(self.queue(queue), QueueDeleteOptions::default()).await.unwrap();
            }
            for exchange in ["envelopes", "dead"] {
                channel
                    .exchange_delete(self.queue(exchange), ExchangeDeleteOptions::default())
                    .await
                    .unwrap();
            }
            connection.close(200, "done".into()).await.unwrap();
        });
    }
}

/// Waits on a thread of its own, for callers that are in a runtime and cannot wait.
fn run(future: impl Future<Output = ()> + Send) {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(future);
        });
    });
}
