//! Freezing: what was counted becomes a report, and the report the bytes that are sent.

use std::collections::HashMap;
use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;

use crate::aggregate::{self, MethodId, PathId, SeriesKey, TakenMinute};
use crate::client::Client;
use crate::incidents::{FaultCause, Incident};
use crate::protocol::{Consumer, LossReason, Minute, Report, Route, ServerError, ValidationError};
use crate::track::SEPARATOR;
use crate::validation::FieldError;

/// Two thirds of the size of level 1 for a tenth more CPU; the levels above give little for much.
const GZIP_LEVEL: u32 = 3;

/// Takes everything that was counted and writes it into `report`. Returns the number of requests.
pub(super) fn take_traffic(client: &Client, report: &mut Report) -> u64 {
    let mut taken = client.aggregate.take();
    for minute in taken.values_mut() {
        client.losses.record(LossReason::RoutesFolded, aggregate::fold_excess(&mut minute.series));
        client
            .losses
            .record(LossReason::ConsumersFolded, aggregate::fold_excess_consumers(&mut minute.consumers));
    }
    let mut names = Names { client, report, routes: HashMap::new(), consumers: HashMap::new() };
    for (minute, taken) in &taken {
        names.write_minute(*minute, taken);
    }
    for (incident, (backtrace, count)) in client.incidents.faults.take() {
        names.write_fault(incident, backtrace, count);
    }
    for (incident, ((), count)) in client.incidents.validations.take() {
        names.write_validation(incident, count);
    }
    taken.values().flat_map(|minute| minute.series.values()).map(|series| series.count).sum()
}

/// Writes entries, and each route and consumer once, where it is spoken of first.
struct Names<'a> {
    client: &'a Client,
    report: &'a mut Report,
    routes: HashMap<(PathId, MethodId), u32>,
    consumers: HashMap<String, u32>,
}

impl Names<'_> {
    fn write_minute(&mut self, minute: i64, taken: &TakenMinute) {
        let mut written = Minute { minute, ..Minute::default() };
        for (key, series) in &taken.series {
            let route = self.route(*key);
            written.routes.push(series.to_wire(route, key.status));
        }
        for ((consumer, key), row) in &taken.consumers {
            let (consumer, route) = (self.consumer(consumer), self.route(*key));
            written.consumers.push(row.to_wire(consumer, route, key.status));
        }
        self.report.minutes.push(written);
    }

    fn write_fault(&mut self, incident: Incident<FaultCause>, backtrace: Option<String>, count: u64) {
        let fault = ServerError {
            minute: incident.minute,
            route: self.route(incident.series),
            status: incident.series.status,
            consumer: incident.consumer.as_deref().map(|consumer| self.consumer(consumer)),
            kind: incident.cause.kind,
            message: incident.cause.message,
            location: incident.cause.location,
            backtrace,
            count,
        };
        self.report.server_errors.push(fault);
    }

    fn write_validation(&mut self, incident: Incident<FieldError>, count: u64) {
        let error = ValidationError {
            minute: incident.minute,
            route: self.route(incident.series),
            status: incident.series.status,
            consumer: incident.consumer.as_deref().map(|consumer| self.consumer(consumer)),
            location: incident.cause.location().as_str().to_owned(),
            field: incident.cause.field().to_owned(),
            message: incident.cause.message().to_owned(),
            code: incident.cause.code().to_owned(),
            count,
        };
        self.report.validation_errors.push(error);
    }

    /// The index of a series' route.
    fn route(&mut self, key: SeriesKey) -> u32 {
        let (client, routes) = (self.client, &mut self.report.routes);
        *self.routes.entry((key.path, key.method)).or_insert_with(|| {
            routes
                .push(Route { method: key.method.as_str().to_owned(), path: client.paths.path_of(key.path) });
            (routes.len() - 1) as u32
        })
    }

    /// The index of a consumer, from the text that its requests were counted under. The last name and group hold.
    fn consumer(&mut self, text: &str) -> u32 {
        let mut parts = text.split(SEPARATOR).map(str::to_owned);
        let identifier = parts.next().unwrap_or_default();
        let [name, group] = [parts.next(), parts.next()].map(|part| part.filter(|text| !text.is_empty()));
        let consumers = &mut self.report.consumers;
        let index = *self.consumers.entry(identifier).or_insert_with_key(|identifier| {
            consumers.push(Consumer { identifier: identifier.clone(), name: None, group: None });
            (consumers.len() - 1) as u32
        });
        let consumer = &mut consumers[index as usize];
        consumer.name = name.or_else(|| consumer.name.take());
        consumer.group = group.or_else(|| consumer.group.take());
        index
    }
}

/// JSON, gzipped.
pub(super) fn encode(message: &impl Serialize) -> std::io::Result<Bytes> {
    let json = serde_json::to_vec(message)?;
    let mut gzip = GzEncoder::new(Vec::with_capacity(json.len() / 4), Compression::new(GZIP_LEVEL));
    gzip.write_all(&json)?;
    Ok(gzip.finish()?.into())
}
