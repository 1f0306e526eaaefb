//! Why requests of the seeded API failed: fields that are invalid, and errors of its own with their causes.
//!
//! Every failure belongs to requests that the minutes counted, so that all pages tell the same story.

use std::collections::BTreeMap;

use sendry_sdk::protocol::{LoggedError, Minute, ServerError, ValidationError};

use super::random::Random;
use super::routes::CALLED;

/// A way in which a request to `path` is invalid; location, field, message and code.
struct Fault {
    path: &'static str,
    what: [&'static str; 4],
}

const fn fault(path: &'static str, what: [&'static str; 4]) -> Fault {
    Fault { path, what }
}

/// The more frequent of a path stand first.
const FAULTS: [Fault; 9] = [
    fault("/v1/search", ["query", "page_size", "must be between 1 and 100", "range"]),
    fault("/v1/search", ["query", "sort", "unknown variant, expected `price`, `name` or `rating`", "enum"]),
    fault("/v1/carts", ["body", "currency", "must be an ISO 4217 code", "currency"]),
    fault("/v1/products/{product_id}/reviews", ["body", "rating", "must be between 1 and 5", "range"]),
    fault("/v1/products/{product_id}/reviews", ["body", "text", "must not be empty", "length"]),
    fault("/v1/products/{product_id}/reviews", ["body", "photos.*.url", "is not a valid URL", "url"]),
    fault("/v1/customers/me", ["body", "phone", "is not a valid phone number", "phone"]),
    fault("/v1/customers/me", ["body", "address.postcode", "is required", "required"]),
    fault("/v1/customers/me", ["body", "birthday", "invalid type: integer, expected a string", ""]),
];

/// What made requests to a path fail: path, type, message, source location.
const CAUSES: [(&str, &str, &str, Option<&str>); 2] = [
    ("/v1/payments", "shop::payments::GatewayError", "the payment gateway did not answer within 2 s", None),
    (
        "/v1/orders/{order_id}/invoice",
        "panic",
        "called `Option::unwrap()` on a `None` value",
        Some("src/invoices/pdf.rs:118:42"),
    ),
];

const BACKTRACE: &str = "\
   0: core::option::unwrap_failed
             at core/src/option.rs:2130:5
   1: shop::invoices::pdf::tax_line
             at src/invoices/pdf.rs:118:42
   2: shop::invoices::pdf::render
             at src/invoices/pdf.rs:61:21
   3: shop::invoices::download::{{closure}}
             at src/invoices/mod.rs:37:14
   4: <axum::handler::Layered as axum::handler::Handler>::call
             at axum/src/handler/mod.rs:312:9
";

/// Requests with one route, status and caller.
struct Part {
    route: u32,
    status: u16,
    consumer: Option<u32>,
    count: u64,
}

/// The requests of a minute by caller, those without one at the end of each series.
fn parts(minute: &Minute) -> Vec<Part> {
    let mut parts = Vec::new();
    for series in minute.routes.iter().filter(|series| series.status >= 400) {
        let (route, status) = (series.route, series.status);
        let named = minute.consumers.iter().filter(|row| (row.route, row.status) == (route, status));
        let named: Vec<_> = named.map(|row| (Some(row.consumer), row.count)).collect();
        let unnamed = series.count - named.iter().map(|(_, count)| count).sum::<u64>();
        let all = named.into_iter().chain([(None, unnamed)]).filter(|(_, count)| *count > 0);
        parts.extend(all.map(|(consumer, count)| Part { route, status, consumer, count }));
    }
    parts
}

fn path_of(part: &Part) -> &'static str {
    CALLED.get(part.route as usize).map_or("", |profile| profile.path)
}

/// One fault for each request that was answered with 400 or 422 by a route that has faults.
pub(super) fn validation_errors(random: &mut Random, minute: &Minute) -> Vec<ValidationError> {
    let mut errors = Vec::new();
    for part in parts(minute).iter().filter(|part| part.status == 400 || part.status == 422) {
        let faults: Vec<_> = FAULTS.iter().filter(|fault| fault.path == path_of(part)).collect();
        let mut counts = BTreeMap::<usize, u64>::new();
        for _ in 0..part.count {
            *counts.entry((random.unit().powi(2) * faults.len() as f64) as usize).or_default() += 1;
        }
        let found = counts.into_iter().filter_map(|(at, count)| Some((faults.get(at)?.what, count)));
        errors.extend(found.map(|([location, field, message, code], count)| ValidationError {
            minute: minute.minute,
            route: part.route,
            status: part.status,
            consumer: part.consumer,
            location: location.to_owned(),
            field: field.to_owned(),
            message: message.to_owned(),
            code: code.to_owned(),
            count,
        }));
    }
    errors
}

/// What a request to `path` that got `status` is told.
pub(super) fn detail_of(path: &str, status: u16) -> &'static str {
    let cause = CAUSES.iter().find(|(known, ..)| *known == path).map(|(_, _, message, _)| *message);
    let fault = FAULTS.iter().find(|fault| fault.path == path).map(|fault| fault.what[2]);
    match status {
        500.. => cause.unwrap_or("an error of the server's own"),
        400 | 422 => fault.unwrap_or("the request is invalid"),
        401 => "the session has ended",
        403 => "this belongs to another customer",
        404 => "there is no such thing",
        _ => "it was changed meanwhile",
    }
}

/// Why a request to `path` was answered with a 5xx, as its log says it.
pub(super) fn error_of(path: &str, status: u16) -> Option<LoggedError> {
    let cause = CAUSES.iter().find(|(known, ..)| *known == path).filter(|_| status >= 500);
    cause.map(|(_, kind, message, location)| LoggedError {
        kind: (*kind).to_owned(),
        message: (*message).to_owned(),
        location: location.map(str::to_owned),
        backtrace: location.map(|_| BACKTRACE.to_owned()),
    })
}

/// The cause of each request that was answered with 5xx by a route that has one.
pub(super) fn server_errors(minute: &Minute) -> Vec<ServerError> {
    let failed = parts(minute).into_iter().filter(|part| part.status >= 500);
    let with_cause = failed.filter_map(|part| {
        let cause = CAUSES.iter().find(|(path, ..)| *path == path_of(&part))?;
        Some((part, cause))
    });
    with_cause
        .map(|(part, (_, kind, message, location))| ServerError {
            minute: minute.minute,
            route: part.route,
            status: part.status,
            consumer: part.consumer,
            kind: (*kind).to_owned(),
            message: (*message).to_owned(),
            location: location.map(str::to_owned),
            backtrace: location.map(|_| BACKTRACE.to_owned()),
            count: part.count,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::hour::Hour;
    use super::*;

    #[test]
    fn every_invalid_request_of_a_route_with_faults_has_one() {
        for minute in Hour::new(0, 0).next_minutes(10) {
            let invalid: u64 = parts(&minute)
                .iter()
                .filter(|part| matches!(part.status, 400 | 422))
                .map(|part| part.count)
                .sum();
            let errors = validation_errors(&mut Random::new(1), &minute);
            assert_eq!(errors.iter().map(|error| error.count).sum::<u64>(), invalid);
        }
    }

    #[test]
    fn the_bad_deployment_fails_with_a_cause() {
        let minutes = Hour::new(0, 0).next_minutes(40);
        let errors: Vec<_> = minutes.iter().flat_map(server_errors).collect();
        assert!(errors.iter().any(|error| error.kind.ends_with("GatewayError") && error.minute >= 35));
        assert!(errors.iter().all(|error| (error.kind == "panic") == error.backtrace.is_some()));
    }
}
