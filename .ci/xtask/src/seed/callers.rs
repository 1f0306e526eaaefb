//! Who calls the seeded API: some requests of every minute have a named consumer, the others none.

use std::collections::BTreeMap;

use sendry_sdk::protocol::{Buckets, Consumer, ConsumerSeries, Durations, Histogram, RouteSeries, Scale};

use super::random::Random;

/// A consumer and its share, in percent, of the requests that succeed and of those that fail.
struct Caller {
    identifier: &'static str,
    name: Option<&'static str>,
    group: Option<&'static str>,
    shares: (f64, f64),
}

const fn caller(
    identifier: &'static str,
    name: Option<&'static str>,
    group: Option<&'static str>,
    shares: (f64, f64),
) -> Caller {
    Caller { identifier, name, group, shares }
}

const CALLERS: [Caller; 7] = [
    caller("acme", Some("Acme Stores"), Some("enterprise"), (31.0, 14.0)),
    caller("web-shop", Some("Web shop"), Some("first party"), (24.0, 12.0)),
    caller("ios-app", Some("iOS app"), Some("first party"), (13.0, 9.0)),
    caller("northwind", Some("Northwind Traders"), Some("enterprise"), (9.0, 38.0)),
    caller("price-watch", None, Some("partner"), (6.0, 3.0)),
    caller("globex", Some("Globex"), Some("trial"), (3.0, 11.0)),
    caller("svc-reporting", None, None, (1.0, 1.0)),
];

/// The consumers that reports speak of.
pub(super) fn all() -> Vec<Consumer> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    CALLERS
        .iter()
        .map(|one| Consumer {
            identifier: one.identifier.to_owned(),
            name: text(one.name),
            group: text(one.group),
        })
        .collect()
}

/// Draws the caller of one request; none for the share that is left.
pub(super) fn draw(random: &mut Random, failed: bool) -> Option<usize> {
    let mut left = random.unit() * 100.0;
    CALLERS.iter().position(|one| {
        left -= if failed { one.shares.1 } else { one.shares.0 };
        left <= 0.0
    })
}

/// The requests of one minute by consumer.
pub(super) fn calls(random: &mut Random, routes: &[RouteSeries]) -> Vec<ConsumerSeries> {
    let mut rows = Vec::new();
    for series in routes {
        let mut counts = BTreeMap::<usize, u64>::new();
        for _ in 0..series.count {
            if let Some(consumer) = draw(random, series.status >= 400) {
                *counts.entry(consumer).or_default() += 1;
            }
        }
        rows.extend(counts.into_iter().map(|(consumer, count)| row(random, series, consumer, count)));
    }
    rows
}

fn row(random: &mut Random, series: &RouteSeries, consumer: usize, count: u64) -> ConsumerSeries {
    let mean_us = (series.durations.sum_us / series.count.max(1)) as f64;
    let (mut durations, mut sum_us, mut max_us) = (Histogram::new(), 0, 0);
    for _ in 0..count {
        let us = random.log_normal(mean_us, 0.4) as u64;
        durations.add(Scale::SIZE.index_of_nanos(us * 1_000), 1);
        (sum_us, max_us) = (sum_us + us, max_us.max(us));
    }
    ConsumerSeries {
        consumer: u32::try_from(consumer).unwrap_or_default(),
        route: series.route,
        status: series.status,
        count,
        durations: Durations { sum_us, max_us, buckets: Buckets::from(&durations) },
        request_bytes: 0,
        response_bytes: series.response.sum * count / series.count.max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consumers_never_have_more_requests_than_there_were() {
        let series = RouteSeries { status: 200, count: 1_000, ..RouteSeries::default() };
        let rows = calls(&mut Random::new(1), std::slice::from_ref(&series));
        let named: u64 = rows.iter().map(|row| row.count).sum();
        assert!((700..1_000).contains(&named), "{named} of 1,000 are named");
        assert!(rows.iter().all(|row| row.durations.buckets.count() == row.count));
    }
}
