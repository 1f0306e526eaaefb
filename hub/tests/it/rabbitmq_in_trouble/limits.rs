//! What a broker does by itself: it takes a channel away from who holds a message for too long, and refuses what a queue has no
//! room for.

use async_trait::async_trait;
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use sendry_hub::app::{Stores, Traffic};
use sendry_hub::clock::UnixSecs;
use sendry_hub::queue::{Consumer, Consumers, QueueError, Topic};
use sendry_hub::store::StoreError;
use sendry_hub::store::traffic::{
    AcceptedReport, AcceptedRequestLogs, AcceptedStartup, IngestMark, Retention, TrafficWriter, Written,
};
use tokio::sync::Semaphore;

use super::*;

/// A store whose writes wait until somebody lets them go on.
struct Slow {
    inner: Arc<dyn TrafficWriter>,
    go_on: Arc<Semaphore>,
}

#[async_trait]
impl TrafficWriter for Slow {
    async fn write(&self, reports: &[AcceptedReport]) -> Result<Written, StoreError> {
        let _permit = self.go_on.acquire().await;
        self.inner.write(reports).await
    }

    async fn write_startups(&self, startups: &[AcceptedStartup]) -> Result<(), StoreError> {
        self.inner.write_startups(startups).await
    }

    async fn write_request_logs(&self, batches: &[AcceptedRequestLogs]) -> Result<Written, StoreError> {
        self.inner.write_request_logs(batches).await
    }

    async fn note_settled(&self, marks: &[IngestMark]) -> Result<(), StoreError> {
        self.inner.note_settled(marks).await
    }

    async fn delete_expired(&self, now: UnixSecs, retention: &Retention) -> Result<(), StoreError> {
        self.inner.delete_expired(now, retention).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.inner.check().await
    }
}

/// Messages of the queue that nobody holds.
async fn waiting(broker: &Broker) -> u32 {
    let connection =
        Connection::connect(&url(&broker.address()), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let passive = QueueDeclareOptions { passive: true, ..Default::default() };
    let queue = channel.queue_declare("sendry.reports".into(), passive, FieldTable::default()).await.unwrap();
    let count = queue.message_count();
    connection.close(200, "asked".into()).await.unwrap();
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_outlasts_the_brokers_patience_is_no_poison_and_counts_once() {
    let broker = Broker::start_with("", "{consumer_timeout, 1000}, {channel_tick_interval, 500}").await;
    let go_on = Arc::new(Semaphore::new(0));
    let gate = go_on.clone();
    let change = move |stores: &mut Stores| {
        let Traffic { writer, reader, eraser } = stores.traffic.clone().unwrap();
        stores.traffic =
            Some(Traffic { writer: Arc::new(Slow { inner: writer, go_on: gate }), reader, eraser });
    };
    let mut sender = Sender::with(&broker, TestHub::builder().stores(change)).await;
    for _ in 0..3 {
        assert_eq!(sender.send().await, StatusCode::ACCEPTED);
    }
    let taken_away = async {
        // First they are in the worker's hands, then the broker takes them back.
        while waiting(&broker).await > 0 {
            sleep(Duration::from_millis(50)).await;
        }
        while waiting(&broker).await == 0 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE * 2, taken_away).await.expect("the broker loses its patience");
    go_on.add_permits(100);
    sender.everything_is_stored_once().await;
}

/// Nobody takes request logs until somebody lets them.
struct ReportsFirst {
    inner: Arc<dyn Consumers>,
    go_on: Arc<Semaphore>,
}

#[async_trait]
impl Consumers for ReportsFirst {
    async fn consume(&self, topic: Topic) -> Result<Box<dyn Consumer>, QueueError> {
        if topic == Topic::RequestLogs {
            let _permit = self.go_on.acquire().await;
        }
        self.inner.consume(topic).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_of_request_logs_stops_no_report() {
    let broker = Broker::start().await;
    let go_on = Arc::new(Semaphore::new(0));
    let gate = go_on.clone();
    let change = move |stores: &mut Stores| {
        let queue = stores.queue.as_mut().unwrap();
        queue.consumers = Arc::new(ReportsFirst { inner: queue.consumers.clone(), go_on: gate });
    };
    let mut sender = Sender::with(&broker, TestHub::builder().stores(change)).await;
    let limit = r#"{"max-length": 2, "overflow": "reject-publish"}"#;
    broker.control(&["set_policy", "logs", "^sendry[.]request_logs$", limit, "--apply-to", "queues"]).await;
    let full = async {
        while sender.breaker("request_logs").await != OPEN {
            assert!([202, 503].contains(&sender.send_logs().await.as_u16()));
        }
    };
    timeout(PATIENCE * 2, full).await.expect("the queue becomes full and its breaker opens");
    assert_eq!(sender.send_logs().await, StatusCode::SERVICE_UNAVAILABLE);
    for _ in 0..10 {
        assert_eq!(sender.send().await, StatusCode::ACCEPTED);
    }
    assert_eq!(sender.breaker("reports").await, CLOSED);
    sender.watchdog_becomes("breaker_open", "alarm").await;

    go_on.add_permits(1);
    sender.clock.advance(30);
    let again = async {
        while sender.breaker("request_logs").await != CLOSED {
            sender.send_logs().await;
            sender.clock.advance(30);
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(PATIENCE, again).await.expect("there is room again");
    assert_eq!(sender.send_logs().await, StatusCode::ACCEPTED);
}
