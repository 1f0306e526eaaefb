//! What the sync thread does, and when: announce, freeze, send, and wait. It reads the time from the client's timeline only.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::deliver::deliver;
use super::outbox::{self, Frozen, Outbox};
use super::request_logs::Uploads;
use super::transport::{Message, MessageKind, Transport, TransportError};
use super::{FlushError, freeze, rhythm, spool};
use crate::Announcement;
use crate::client::Client;
use crate::config::Config;
use crate::protocol::{Accepted, LossReason, Report, Resources, Sdk, Startup, VERSION, limits};
use crate::resources::ResourceMeter;

/// How long counts wait for the hub's time before they are frozen by the machine's.
const CLOCK_WAIT_NANOS: u64 = 300 * NANOS_PER_SEC;
/// How long the first message waits for the application to name its routes.
const ANNOUNCEMENT_WAIT_NANOS: u64 = NANOS_PER_SEC;
/// Reports sent in a row after an outage before the thread pauses, so that a fleet does not flood a hub that just returned.
const BURST_MAX: usize = 20;
const BURST_PAUSE: Duration = Duration::from_secs(1);
/// How often the machine's clock is looked at: what is counted between a machine's waking and the look counts as before it slept.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const NANOS_PER_SEC: u64 = 1_000_000_000;

pub(super) struct Syncer {
    pub(super) client: &'static Client,
    pub(super) transport: Arc<dyn Transport>,
    spool_dir: PathBuf,
    startup: Startup,
    /// All that was announced.
    announcement: Announcement,
    /// Whether the hub knows the startup message as it is now. Until then its time is not known either.
    announced: bool,
    outbox: Outbox,
    pub(super) uploads: Uploads,
    resources: ResourceMeter,
    sequence: u64,
    started_at: u64,
    /// Since when freezing waits for the hub's time; none once it is known.
    clock_unknown_since: Option<u64>,
    /// Whether the hub ever told its time.
    hub_time_seen: bool,
    next_report_at: u64,
    next_attempt_at: u64,
    failures: u32,
    asked_interval: Option<Duration>,
    complained: bool,
}

impl Syncer {
    pub(super) fn new(client: &'static Client, config: Config) -> Self {
        let now = client.timeline.monotonic_nanos();
        let mut syncer = Self {
            client,
            transport: config.transport,
            spool_dir: config.spool_dir,
            startup: startup(client, config.env, config.app_version),
            announcement: Announcement::new(),
            announced: false,
            outbox: Outbox::default(),
            uploads: Uploads::default(),
            resources: ResourceMeter::new(now, &client.runtimes),
            sequence: 0,
            started_at: now,
            clock_unknown_since: Some(now),
            hub_time_seen: false,
            next_report_at: now.saturating_add(nanos(rhythm::report_interval(Duration::ZERO, None))),
            next_attempt_at: now.saturating_add(ANNOUNCEMENT_WAIT_NANOS),
            failures: 0,
            asked_interval: None,
            complained: false,
        };
        syncer.collect_spooled(now);
        syncer.ready_request_logs();
        syncer
    }

    /// Takes over what earlier processes left.
    fn collect_spooled(&mut self, now: u64) {
        let now_ms = self.client.timeline.now_ms();
        let (reports, expired) = spool::collect(&self.spool_dir, now_ms);
        if expired > 0 {
            self.client.losses.record(LossReason::ReportsExpired, expired);
        }
        for mut spooled in reports {
            let age_ms = u64::try_from(now_ms - spooled.frozen_at_ms).unwrap_or(0);
            spooled.report.frozen_at = now.saturating_sub(age_ms * 1_000_000);
            self.outbox.put(spooled.report, &self.client.losses);
        }
    }

    /// Adds to what the hub is told. What it knows already is not told again.
    pub(super) fn announce(&mut self, announcement: Announcement) {
        let before = self.announcement.clone();
        self.announcement.add(announcement);
        if self.announcement == before {
            return;
        }
        self.announcement.write(&mut self.startup);
        self.announced = false;
        if self.failures == 0 {
            self.next_attempt_at = 0;
        }
    }

    /// How long there is nothing to do but to look at the clock.
    pub(super) fn wait(&self) -> Duration {
        let due = match self.has_something_to_send() {
            true => self.next_report_at.min(self.next_attempt_at),
            false => self.next_report_at,
        };
        let due = self.request_logs_due_at().map_or(due, |logs_due| due.min(logs_due));
        Duration::from_nanos(due.saturating_sub(self.now())).min(LOOK_EVERY)
    }

    /// A batch of request logs is ready.
    pub(super) fn notice_request_logs(&mut self) {
        self.uploads.notice();
    }

    /// Does what is due.
    pub(super) async fn tick(&mut self) {
        self.notice_jump();
        if self.now() >= self.next_attempt_at && !self.announced {
            _ = self.send_startup().await;
        }
        if self.now() >= self.next_report_at {
            self.schedule_report();
            if self.is_clock_known() {
                self.freeze(false);
                // While the hub is away, the next attempt may be a minute off.
                if self.now() < self.next_attempt_at {
                    _ = self.spool_unsent();
                }
            }
            self.ready_request_logs();
        }
        if self.now() >= self.next_attempt_at && self.send_reports(BURST_MAX).await.is_err() {
            // Said and scheduled where it happens.
            _ = self.spool_unsent();
        }
        self.send_due_request_logs().await;
    }

    /// Freezes and sends everything now, whatever the rhythm says.
    pub(super) async fn flush(&mut self) -> Result<(), FlushError> {
        self.send_all(false).await
    }

    pub(super) async fn shutdown(&mut self, wait: Duration) -> Result<(), FlushError> {
        if let Some(logger) = &self.client.request_logs {
            logger.close();
        }
        let result = match tokio::time::timeout(wait, self.send_all(true)).await {
            Ok(result) => result,
            Err(_elapsed) => Err(FlushError::Kept("the hub did not answer in time".to_owned())),
        };
        self.spool_rest();
        self.leave_request_logs().await;
        result
    }

    async fn send_all(&mut self, is_final: bool) -> Result<(), FlushError> {
        self.notice_jump();
        if !self.announced {
            _ = self.send_startup().await;
        }
        self.freeze(is_final);
        if let Err(error) = self.send_reports(usize::MAX).await {
            _ = self.spool_unsent();
            return Err(FlushError::Kept(error.to_string()));
        }
        self.flush_request_logs().await
    }

    /// Puts what the hub did not take on the disk, so that the next process has it however this one ends.
    fn spool_unsent(&mut self) -> std::io::Result<()> {
        let (now, now_ms) = (self.now(), self.client.timeline.now_ms());
        for report in self.outbox.iter_mut().filter(|report| report.spooled.is_none()) {
            let age_ms = now.saturating_sub(report.frozen_at) / 1_000_000;
            report.spooled = Some(spool::leave(&self.spool_dir, now_ms - age_ms as i64, report)?);
        }
        Ok(())
    }

    /// Leaves what the hub did not take to the next process.
    fn spool_rest(&mut self) {
        let Err(error) = self.spool_unsent() else { return };
        let mut lost = 0;
        for report in self.outbox.iter().filter(|report| report.spooled.is_none()) {
            outbox::lose(report, LossReason::ReportsNotSpooled, &self.client.losses);
            lost += report.requests;
        }
        tracing::error!(%error, requests = lost, "Sendry could not leave reports to the next process; they are lost");
    }

    /// When the machine slept, time goes on from its waking. When its clock was set, or it cannot tell that it slept, the hub is
    /// asked for its time before anything is frozen.
    fn notice_jump(&mut self) {
        if self.client.timeline.machine_jumped()
            && let Some(slept) = self.client.timeline.wake()
        {
            self.outbox.age(slept);
            tracing::info!(
                secs = slept / NANOS_PER_SEC,
                "this machine slept; Sendry counts on from its waking"
            );
        }
        if self.clock_unknown_since.is_none() && self.client.timeline.machine_jumped() {
            self.announced = false;
            self.clock_unknown_since = Some(self.now());
        }
    }

    fn is_clock_known(&self) -> bool {
        self.clock_unknown_since.is_none_or(|since| self.now().saturating_sub(since) > CLOCK_WAIT_NANOS)
    }

    fn schedule_report(&mut self) {
        let age = Duration::from_nanos(self.now().saturating_sub(self.started_at));
        let interval = rhythm::report_interval(age, self.asked_interval);
        self.next_report_at = self.now().saturating_add(nanos(interval));
    }

    fn freeze(&mut self, is_final: bool) {
        let mut report = Report {
            version: VERSION,
            report_id: Uuid::new_v4(),
            instance_id: self.client.instance_id,
            sequence: self.sequence,
            env: self.startup.env.clone(),
            app_version: self.startup.app_version.clone(),
            created_at_ms: self.client.timeline.now_ms(),
            clock_offset_ms: self.client.timeline.ahead_of_machine_ms(),
            is_final,
            ..Report::default()
        };
        let requests = freeze::take_traffic(self.client, &mut report);
        report.resources.extend(self.sample_resources());
        report.losses = self.client.losses.take();
        self.sequence += 1;
        match freeze::encode(&report) {
            Ok(body) => {
                let (report_id, losses) = (report.report_id, report.losses);
                let frozen =
                    Frozen { report_id, body, frozen_at: self.now(), requests, losses, spooled: None };
                self.outbox.put(frozen, &self.client.losses);
            }
            Err(error) => {
                self.client.losses.record(LossReason::ReportsRefused, requests.max(1));
                tracing::error!(%error, "Sendry could not encode a report; it is lost");
            }
        }
    }

    fn sample_resources(&mut self) -> Option<Resources> {
        let now = self.now();
        self.resources.sample(now, self.client.timeline.minute_at(now), &self.client.runtimes)
    }

    async fn send_startup(&mut self) -> Result<(), TransportError> {
        let body = match freeze::encode(&self.startup) {
            Ok(body) => body,
            Err(error) => return Err(TransportError::Refused(error.to_string())),
        };
        match self.send(Message { kind: MessageKind::Startup, body }).await {
            Ok(()) => {
                self.announced = true;
                Ok(())
            }
            // A hub that does not take the announcement may still take reports.
            Err(TransportError::Refused(detail)) => {
                self.announced = true;
                self.clock_unknown_since = None;
                tracing::warn!(%detail, "the Sendry hub refused the startup message");
                Err(TransportError::Refused(detail))
            }
            Err(error) => Err(error),
        }
    }

    /// Sends up to `max` reports, oldest first, until one fails.
    async fn send_reports(&mut self, max: usize) -> Result<(), TransportError> {
        self.outbox.expire(self.now(), &self.client.losses);
        for _ in 0..max {
            let Some(report) = self.outbox.oldest() else { return Ok(()) };
            match self.send(Message { kind: MessageKind::Report, body: report.body.clone() }).await {
                Ok(()) => _ = self.outbox.take_oldest(),
                Err(TransportError::Refused(detail)) => {
                    _ = self.outbox.take_oldest();
                    outbox::lose(&report, LossReason::ReportsRefused, &self.client.losses);
                    tracing::warn!(%detail, report.id = %report.report_id, report.requests, "the Sendry hub refused a report for good; it is dropped and counted as lost");
                }
                Err(error) => return Err(error),
            }
        }
        self.next_attempt_at = self.now().saturating_add(nanos(BURST_PAUSE));
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), TransportError> {
        let sent_at = self.now();
        match deliver(&*self.transport, message, &self.client.losses).await {
            Ok(accepted) => {
                self.obey(&accepted, sent_at);
                Ok(())
            }
            Err(error) => {
                self.back_off(&error);
                Err(error)
            }
        }
    }

    /// Takes over the hub's time and wishes.
    pub(super) fn obey(&mut self, accepted: &Accepted, sent_at: u64) {
        let middle = sent_at + self.now().saturating_sub(sent_at) / 2;
        if accepted.server_time.is_finite() && accepted.server_time > 0.0 {
            let hub = (accepted.server_time * 1e9) as i64;
            // What was counted by the hub's time stands in its minutes already: it is frozen before the time changes.
            let was_known = std::mem::replace(&mut self.hub_time_seen, true);
            if was_known && self.client.timeline.differs(hub, middle) {
                self.freeze(false);
            }
            let moved = self.client.timeline.correct(hub, middle);
            if moved != 0 && !was_known {
                self.client.shift(moved);
            }
            if moved != 0 {
                tracing::warn!(
                    minutes = moved,
                    "this machine's clock differs from the Sendry hub's; the hub's is used"
                );
            }
            self.clock_unknown_since = None;
        }
        let allowed = limits::SYNC_INTERVAL_SECS_MIN..=limits::SYNC_INTERVAL_SECS_MAX;
        self.uploads.obey(accepted);
        self.asked_interval = accepted
            .sync_interval_secs
            .map(|secs| Duration::from_secs(secs.clamp(*allowed.start(), *allowed.end())));
        if std::mem::take(&mut self.complained) {
            tracing::info!("the Sendry hub takes reports again");
        }
        self.failures = 0;
        self.next_attempt_at = self.now();
    }

    /// Waits longer after each failure, and complains once.
    fn back_off(&mut self, error: &TransportError) {
        let delay = match error {
            TransportError::Refused(_) => return,
            TransportError::Unauthorized(_) => rhythm::unauthorized_delay(),
            TransportError::Unavailable { retry_after, .. } => {
                self.failures = self.failures.saturating_add(1);
                rhythm::retry_delay(self.failures, *retry_after)
            }
        };
        self.next_attempt_at = self.now().saturating_add(nanos(delay));
        if !std::mem::replace(&mut self.complained, true) {
            tracing::warn!(%error, "the Sendry hub does not take reports; up to an hour of them is kept");
        }
    }

    fn has_something_to_send(&self) -> bool {
        !self.announced || !self.outbox.is_empty()
    }

    /// Whether the hub has every report and the startup message.
    pub(super) fn has_nothing_to_report(&self) -> bool {
        !self.has_something_to_send()
    }

    pub(super) fn now(&self) -> u64 {
        self.client.timeline.monotonic_nanos()
    }
}

fn startup(client: &Client, env: String, app_version: Option<String>) -> Startup {
    Startup {
        version: VERSION,
        instance_id: client.instance_id,
        env,
        app_version,
        sdk: Sdk { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        framework: None,
        host: host_name(),
        started_at_ms: client.timeline.now_ms(),
        routes: Vec::new(),
        routes_complete: false,
    }
}

/// The machine's or container's name, where the environment or the system tells it.
fn host_name() -> Option<String> {
    let name = std::env::var("HOSTNAME").ok().or_else(|| std::fs::read_to_string("/etc/hostname").ok())?;
    let name: String = name.trim().chars().take(limits::TEXT_BYTES_MAX / 4).collect();
    (!name.is_empty()).then_some(name)
}

pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
