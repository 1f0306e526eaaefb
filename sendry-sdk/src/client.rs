//! The client: what a process has one of, and the handle that applications hold.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::Announcement;
use crate::aggregate::{Aggregate, Observation, PathId, Paths};
use crate::clock::{Source, SystemClock, Timeline};
use crate::config::{Builder, Config};
use crate::incidents::{Incident, Incidents};
use crate::layer::{RequestHead, SendryLayer};
use crate::losses::Losses;
use crate::protocol::LossReason;
use crate::request_log::{self, RequestLogger};
use crate::resources::Runtimes;
use crate::sync::{self, Command, FlushError};
use crate::track::{Context, Fault, ReadAlong};
use crate::validation::Found;

/// A running Sendry client. Clones are the same client; it lives until the process ends.
///
/// Nothing is lost when a handle is dropped. Call [`Sendry::shutdown`] at the end of `main`, so that the last seconds are
/// reported too.
#[derive(Clone, Copy)]
pub struct Sendry {
    /// Leaked on purpose: a process has one client for as long as it runs, and a plain reference makes every request free of
    /// the shared write that cloning an `Arc` is.
    pub(crate) client: &'static Client,
}

impl fmt::Debug for Sendry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sendry").field("client", &self.client).finish()
    }
}

impl Sendry {
    /// Returns a builder with nothing set; what stays unset comes from the environment.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Whether requests are counted: a write key or a transport was given.
    pub fn is_enabled(&self) -> bool {
        self.client.enabled
    }

    /// The id of this process in its reports.
    pub fn instance_id(&self) -> Uuid {
        self.client.instance_id
    }

    /// A tower layer that counts every request. `route` tells the template of the route that a request matched, or none.
    ///
    /// Templates, not paths: `/orders/{id}`, never `/orders/17`.
    pub fn layer<R>(&self, route: R) -> SendryLayer<R>
    where
        R: for<'a> Fn(RequestHead<'a>) -> Option<&'a str>,
    {
        self.client.runtimes.notice_serving();
        SendryLayer::new(*self, route)
    }

    /// Tells the hub which routes there are, so that it shows those that are never called too. Integrations of frameworks call
    /// this with what they find; applications may with what they know besides. No count depends on it.
    pub fn announce(&self, announcement: Announcement) {
        self.client.send(Command::Announce(announcement));
    }

    /// Tells that requests are served on the tokio runtime that this is called in, so that its health is reported. Integrations
    /// of frameworks whose workers have a runtime each call it in each.
    pub fn notice_runtime(&self) {
        self.client.runtimes.notice_serving();
    }

    /// Sends everything counted so far. Works in any runtime.
    ///
    /// # Errors
    ///
    /// Says why the hub did not take it. Nothing is lost by that: it is sent again later.
    pub async fn flush(&self) -> Result<(), FlushError> {
        self.call(Command::Flush).await
    }

    /// Sends everything counted so far, marks this process as ended and stops the client. It takes a few seconds at the most;
    /// what the hub does not take by then is left in the spool directory for the next process. Later requests are not counted.
    ///
    /// # Errors
    ///
    /// Says why the hub did not take it.
    pub async fn shutdown(&self) -> Result<(), FlushError> {
        self.call(Command::Shutdown).await
    }

    async fn call(
        &self,
        command: fn(oneshot::Sender<Result<(), FlushError>>) -> Command,
    ) -> Result<(), FlushError> {
        if !self.client.enabled {
            return Ok(());
        }
        if self.client.process != std::process::id() {
            tracing::error!(
                "this process was forked from the one that Sendry was built in, whose thread it lacks; nothing is reported"
            );
            self.client.stop_counting();
            return Err(FlushError::Stopped);
        }
        let (reply, replied) = oneshot::channel();
        self.client.send(command(reply));
        replied.await.unwrap_or(Err(FlushError::Stopped))
    }

    pub(crate) fn start(config: Config) -> Self {
        let (sendry, commands) = Self::without_thread(&config);
        if sendry.is_enabled() {
            sendry.client.runtimes.notice_first();
            request_log::spawn(sendry.client);
            sync::spawn(sendry.client, config, commands);
        } else {
            tracing::info!("Sendry is disabled: no write key is set (SENDRY_WRITE_KEY)");
        }
        sendry
    }

    /// A client that counts, and the commands that somebody has to carry out.
    pub(crate) fn without_thread(config: &Config) -> (Self, mpsc::UnboundedReceiver<Command>) {
        let (commands, received) = mpsc::unbounded_channel();
        (Self { client: Box::leak(Box::new(Client::new(config, commands))) }, received)
    }
}

/// The state that requests and the sync thread share.
pub(crate) struct Client {
    pub(crate) enabled: bool,
    /// False once nobody reports any more: after shutdown, or when the sync thread is gone.
    pub(crate) counting: AtomicBool,
    /// The process that the client's threads are in.
    process: u32,
    /// From 1; tells clients of one process apart.
    pub(crate) number: u32,
    pub(crate) count_options: bool,
    pub(crate) instance_id: Uuid,
    pub(crate) timeline: Timeline,
    pub(crate) aggregate: Aggregate,
    pub(crate) paths: Paths,
    pub(crate) losses: Losses,
    pub(crate) incidents: Incidents,
    /// None while requests are not logged.
    pub(crate) request_logs: Option<Box<RequestLogger>>,
    /// The application's runtimes, once they were seen.
    pub(crate) runtimes: Runtimes,
    commands: mpsc::UnboundedSender<Command>,
    warned_of_second_layer: AtomicBool,
    route_seen: AtomicBool,
    successes_without_route: AtomicU32,
}

/// Successful answers without any route ever seen, after which the layer is thought to be at the wrong place.
const SUCCESSES_WITHOUT_ROUTE_MAX: u32 = 20;

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut client = f.debug_struct("Client");
        client.field("enabled", &self.enabled).field("instance_id", &self.instance_id).finish_non_exhaustive()
    }
}

impl Client {
    fn new(config: &Config, commands: mpsc::UnboundedSender<Command>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let source = match &config.clock {
            Some(clock) => Source::Shared(clock.clone()),
            None => Source::System(SystemClock::default()),
        };
        let instance_id = Uuid::new_v4();
        let logger = |settings| RequestLogger::new(settings, &config.spool_dir, instance_id, &config.env);
        let request_logs = config.request_logs.as_ref().filter(|_| config.enabled).map(logger).map(Box::new);
        Self {
            enabled: config.enabled,
            counting: AtomicBool::new(config.enabled),
            process: std::process::id(),
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            count_options: config.count_options,
            instance_id,
            timeline: Timeline::new(source),
            aggregate: Aggregate::new(),
            paths: Paths::new(),
            losses: Losses::default(),
            incidents: Incidents::default(),
            request_logs,
            runtimes: Runtimes::default(),
            commands,
            warned_of_second_layer: AtomicBool::new(false),
            route_seen: AtomicBool::new(false),
            successes_without_route: AtomicU32::new(0),
        }
    }

    /// Counts one request that ended at the monotonic moment `ended`.
    #[inline]
    pub(crate) fn record(&self, ended: u64, observation: &Observation, context: &Context) {
        self.record_read(ended, observation, context, None);
    }

    /// The same, with the body of an error response that was read along.
    #[inline]
    pub(crate) fn record_read(
        &self,
        ended: u64,
        observation: &Observation,
        context: &Context,
        read: Option<&ReadAlong>,
    ) {
        let minute = self.timeline.minute_at(ended);
        self.aggregate.record(minute, observation, context.consumer.as_deref(), &self.losses);
        let status = observation.status;
        if observation.is_fault() || matches!(status, 400 | 422) || context.failure.is_some() {
            let consumer = context.consumer.clone();
            self.record_incident(
                Incident { minute, series: observation.key(), consumer, cause: () },
                observation,
                context,
                read,
            );
        }
    }

    /// Records why a request failed: what the handler said, or what the response's body says.
    #[cold]
    fn record_incident(
        &self,
        at: Incident<()>,
        observation: &Observation,
        context: &Context,
        read: Option<&ReadAlong>,
    ) {
        let told = context.failure.as_deref().cloned().unwrap_or_default();
        self.losses.record(LossReason::TextCut, told.cuts);
        match observation.status {
            _ if observation.is_fault() => {
                let fault = told.fault.unwrap_or_else(|| Fault::untold(observation, read));
                self.incidents.record_fault(at, fault, &self.losses);
            }
            400.. => {
                let mut found = Found { errors: told.fields, dropped: told.fields_dropped };
                if found.errors.is_empty() {
                    found = read.map(|read| read.field_errors(observation.status)).unwrap_or_default();
                }
                self.losses.record(LossReason::ValidationErrorsDropped, found.dropped);
                for error in found.errors {
                    self.incidents.record_validation(at.clone(), error, &self.losses);
                }
            }
            // What was said of a request that went well after all.
            _ => {}
        }
    }

    #[inline]
    pub(crate) fn path_id(&self, path: &str) -> PathId {
        if !self.route_seen.load(Ordering::Relaxed) {
            self.route_seen.store(true, Ordering::Relaxed);
        }
        let (id, fits) = self.paths.id_of(path);
        if !fits {
            self.losses.record(LossReason::RoutesFolded, 1);
        }
        id
    }

    /// Moves what was counted so far by `minutes`: the clock was corrected.
    pub(crate) fn shift(&self, minutes: i64) {
        self.aggregate.shift(minutes);
        self.incidents.faults.shift(minutes);
        self.incidents.validations.shift(minutes);
    }

    /// Counts no more: there is nobody to report.
    pub(crate) fn stop_counting(&self) {
        self.counting.store(false, Ordering::Relaxed);
        self.aggregate.take();
    }

    #[cold]
    pub(crate) fn warn_of_second_layer(&self) {
        if !self.warned_of_second_layer.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "Sendry is installed twice on the same requests; the inner layer counts nothing. Remove one of them"
            );
        }
    }

    /// A service that answers well and never names a route is most likely asked outside of its router.
    #[cold]
    pub(crate) fn notice_success_without_route(&self) {
        if !self.route_seen.load(Ordering::Relaxed)
            && self.successes_without_route.fetch_add(1, Ordering::Relaxed) + 1 == SUCCESSES_WITHOUT_ROUTE_MAX
        {
            tracing::warn!(
                "Sendry is asked for requests of which it sees no route, so all are counted as unmatched. Its layer must see \
                 the matched route: in axum, call `sendry_sdk_axum::instrument` or add the layer with `Router::layer`, last"
            );
        }
    }

    /// Tells the sync thread that a batch of request logs is ready.
    pub(crate) fn notice_request_logs(&self) {
        self.send(Command::SendRequestLogs);
    }

    fn send(&self, command: Command) {
        // Fails only after shutdown, when there is nobody left to tell.
        _ = self.commands.send(command);
    }
}
