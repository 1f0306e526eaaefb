//! What a process does in the background: workers, jobs, and looking after itself.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::stores::{Stores, Traffic};
use crate::clock::SharedClock;
use crate::config::Config;
use crate::metrics::{Metrics, topic_name};
use crate::queue::{Queue, Topic};
use crate::store::metadata::MetadataDirectory;
use crate::store::traffic::ConsumerKey;
use crate::system::{Heartbeat, HeartbeatParts};
use crate::worker::{
    EraseJob, EraseParts, Liveness, RetentionJob, RetentionParts, RollUpJob, Worker, WorkerParts,
    WorkerStats, keep_running,
};

/// Running tasks, and how they are.
#[derive(Default)]
pub(super) struct Background {
    pub(super) tasks: Vec<JoinHandle<()>>,
    pub(super) workers: Vec<(Topic, Arc<WorkerStats>)>,
    pub(super) jobs: Vec<(&'static str, Arc<Liveness>)>,
}

/// What the tasks share.
pub(super) struct Setting<'a> {
    pub(super) process_id: Uuid,
    pub(super) config: &'a Config,
    pub(super) stores: &'a Stores,
    pub(super) clock: &'a SharedClock,
    pub(super) stop: &'a watch::Receiver<bool>,
}

impl Background {
    /// Starts one worker per topic and the jobs that look after what is stored.
    pub(super) fn work(
        &mut self,
        setting: &Setting<'_>,
        (queue, traffic): (&Queue, &Traffic),
        key: ConsumerKey,
        metrics: &Arc<Metrics>,
    ) {
        let directory = MetadataDirectory::new(setting.stores.metadata.clone(), setting.clock.clone());
        let parts = WorkerParts {
            queue: queue.clone(),
            writer: traffic.writer.clone(),
            directory: Arc::new(directory),
            consumer_key: key,
            clock: setting.clock.clone(),
        };
        for topic in [Topic::Reports, Topic::RequestLogs] {
            self.consume(topic, &parts, setting.stop);
        }
        self.retain(setting, traffic, metrics);
    }

    fn consume(&mut self, topic: Topic, parts: &WorkerParts, stop: &watch::Receiver<bool>) {
        let stats = Arc::<WorkerStats>::default();
        self.workers.push((topic, stats.clone()));
        let (parts, stop) = (parts.clone(), stop.clone());
        self.tasks.push(tokio::spawn(async move {
            let start = || Worker::with_stats(topic, parts.clone(), stats.clone()).run(stop.clone());
            keep_running(topic_name(topic), &stats.liveness, stop.clone(), start).await;
        }));
    }

    /// Deletes what is too old or of deleted apps, and brings coarser tiers up to date.
    fn retain(&mut self, setting: &Setting<'_>, traffic: &Traffic, metrics: &Arc<Metrics>) {
        let job = RetentionJob::new(RetentionParts {
            process_id: setting.process_id,
            metadata: setting.stores.metadata.clone(),
            writer: traffic.writer.clone(),
            clock: setting.clock.clone(),
            metrics: metrics.clone(),
            retention: setting.config.retention,
            audit_secs: setting.config.auth.audit_secs,
        });
        let stop = setting.stop.clone();
        self.keep("retention", setting.stop, move || job.clone().run(stop.clone()));
        let job = RollUpJob {
            process_id: setting.process_id,
            metadata: setting.stores.metadata.clone(),
            writer: traffic.writer.clone(),
            clock: setting.clock.clone(),
        };
        let stop = setting.stop.clone();
        self.keep("roll_up", setting.stop, move || job.clone().run(stop.clone()));
        let job = EraseJob::new(EraseParts {
            process_id: setting.process_id,
            metadata: setting.stores.metadata.clone(),
            eraser: traffic.eraser.clone(),
            clock: setting.clock.clone(),
        });
        let stop = setting.stop.clone();
        self.keep("erase_apps", setting.stop, move || job.clone().run(stop.clone()));
    }

    /// Says that this process is there. To be started last: it tells of the workers and the jobs.
    pub(super) fn beat(&mut self, setting: &Setting<'_>, metrics: &Arc<Metrics>) {
        let stores = setting.stores;
        let heartbeat = Heartbeat::new(HeartbeatParts {
            process_id: setting.process_id,
            roles: stores.roles,
            metadata: stores.metadata.clone(),
            queue: stores.queue.as_ref().map(|queue| queue.health.clone()),
            metrics: metrics.clone(),
            workers: self.workers.clone(),
            tasks: self.jobs.clone(),
            files: stores.files.clone(),
            clock: setting.clock.clone(),
        });
        let stop = setting.stop.clone();
        self.keep("heartbeat", setting.stop, move || heartbeat.clone().run(stop.clone()));
    }

    /// Keeps a job running.
    pub(super) fn keep<F: Future<Output = ()> + Send>(
        &mut self,
        name: &'static str,
        stop: &watch::Receiver<bool>,
        start: impl FnMut() -> F + Send + 'static,
    ) {
        let (liveness, stop) = (Arc::<Liveness>::default(), stop.clone());
        self.jobs.push((name, liveness.clone()));
        self.tasks.push(tokio::spawn(async move { keep_running(name, &liveness, stop, start).await }));
    }
}
