//! One row out of one entry of a report.

use sendry_sdk::protocol::{ConsumerSeries, Resources, RouteSeries};
use uuid::Uuid;

use super::super::link::date_time;
use super::super::rows::{EVERYBODY, EventRow, ResourceRow, TrafficRow};
use super::Place;
use super::events::Group;
use crate::clock::UnixSecs;
use crate::store::traffic::ConsumerHash;

/// Where the rows of one message belong.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) place: Place<'a>,
    pub(super) report_id: Uuid,
    /// Of the app.
    pub(super) version: Option<&'a str>,
}

/// An occurrence of a group.
pub(super) struct Event {
    pub(super) minute: UnixSecs,
    pub(super) consumer: Option<ConsumerHash>,
    pub(super) count: u64,
}

/// Bucket and ordinal of a row.
type At = (UnixSecs, u32);

pub(super) fn route_row<'a>(
    origin: Origin<'a>,
    at: At,
    route: u64,
    series: &'a RouteSeries,
) -> TrafficRow<'a> {
    TrafficRow {
        app_id: origin.place.0,
        env: origin.place.1,
        by_consumer: false,
        bucket: date_time(at.0),
        report_id: origin.report_id,
        ordinal: at.1,
        consumer: EVERYBODY,
        route,
        status: series.status,
        headers_apart: series.headers.is_some(),
        requests: series.count,
        aborted: series.outcomes.aborted,
        body_errors: series.outcomes.body_error,
        panics: series.outcomes.panic,
        duration_sum_us: series.durations.sum_us,
        duration_max_us: series.durations.max_us,
        request_bytes: series.request.sum,
        response_bytes: series.response.sum,
        durations: Some(&series.durations.buckets),
        headers: series.headers.as_ref(),
        request_sizes: Some(&series.request.buckets),
        response_sizes: Some(&series.response.buckets),
    }
}

pub(super) fn consumer_row<'a>(
    origin: Origin<'a>,
    at: At,
    (route, consumer): (u64, ConsumerHash),
    series: &'a ConsumerSeries,
) -> TrafficRow<'a> {
    TrafficRow {
        app_id: origin.place.0,
        env: origin.place.1,
        by_consumer: true,
        bucket: date_time(at.0),
        report_id: origin.report_id,
        ordinal: at.1,
        consumer,
        route,
        status: series.status,
        headers_apart: true,
        requests: series.count,
        aborted: 0,
        body_errors: 0,
        panics: 0,
        duration_sum_us: series.durations.sum_us,
        duration_max_us: series.durations.max_us,
        request_bytes: series.request_bytes,
        response_bytes: series.response_bytes,
        durations: Some(&series.durations.buckets),
        headers: None,
        request_sizes: None,
        response_sizes: None,
    }
}

pub(super) fn event_row<'a>(
    origin: Origin<'a>,
    ordinal: u32,
    group: &Group<'_>,
    event: &Event,
) -> EventRow<'a> {
    EventRow {
        app_id: origin.place.0,
        env: origin.place.1,
        class: group.class as u8,
        bucket: date_time(event.minute),
        report_id: origin.report_id,
        ordinal,
        fingerprint: group.fingerprint(),
        consumer: event.consumer.unwrap_or(EVERYBODY),
        route: group.route,
        status: group.status,
        count: event.count,
    }
}

pub(super) fn resource_row<'a>(
    origin: Origin<'a>,
    at: At,
    instance_id: Uuid,
    sample: &Resources,
) -> ResourceRow<'a> {
    let figure = |value: Option<f64>| (value.unwrap_or(0.0), u64::from(value.is_some()));
    let whole = |value: Option<u64>| figure(value.map(|value| value as f64));
    let (cpu, cpus) = figure(sample.cpu);
    let (rss, rsss) = whole(sample.rss_bytes);
    let (busy, busys) = figure(sample.runtime_busy);
    let (depth, depths) = whole(sample.runtime_queue_depth);
    let (blocking, blockings) = whole(sample.runtime_blocking_threads);
    ResourceRow {
        app_id: origin.place.0,
        env: origin.place.1,
        bucket: date_time(at.0),
        report_id: origin.report_id,
        ordinal: at.1,
        instance_id,
        cpu,
        cpus,
        rss,
        rsss,
        busy,
        busys,
        depth,
        depths,
        blocking,
        blockings,
    }
}
