use http::Method;
use proptest::prelude::*;

use super::*;
use crate::protocol::{FOLDED_PATH, Scale};

fn observation(path: PathId, status: u16) -> Observation {
    Observation {
        path,
        method: MethodId::of(&Method::GET),
        status,
        outcome: Outcome::Complete,
        duration: Some(2_000_000),
        headers: Some(1_000_000),
        request_bytes: None,
        response_bytes: Some(10),
    }
}

#[test]
fn threads_count_into_one_whole() {
    let (aggregate, losses) = (Aggregate::new(), Losses::default());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                (0..1_000).for_each(|n| aggregate.record(n % 3, &observation(PathId(2), 200), None, &losses))
            });
        }
    });
    let taken = aggregate.take();
    let counts: Vec<u64> =
        taken.values().flat_map(|minute| minute.series.values().map(|series| series.count)).collect();
    assert_eq!(counts, [2_672, 2_664, 2_664]);
    assert!(aggregate.take().is_empty(), "taking leaves nothing behind");
}

#[test]
fn a_corrected_clock_moves_what_was_counted() {
    let (aggregate, losses) = (Aggregate::new(), Losses::default());
    aggregate.record(100, &observation(PathId(2), 200), None, &losses);
    aggregate.shift(-60);
    assert_eq!(aggregate.take().into_keys().collect::<Vec<_>>(), [40]);
}

#[test]
fn two_thousand_series_stay_apart_and_the_next_is_folded_and_counted() {
    let (aggregate, losses) = (Aggregate::new(), Losses::default());
    let limit = limits::ROUTE_SERIES_PER_MINUTE_MAX as u32;
    (0..limit).for_each(|path| aggregate.record(1, &observation(PathId(path + 2), 200), None, &losses));
    assert!(losses.take().is_empty());
    aggregate.record(1, &observation(PathId(limit + 2), 200), None, &losses);
    aggregate.record(1, &observation(PathId(2), 200), None, &losses);
    assert_eq!(losses.take().iter().map(|loss| loss.count).sum::<u64>(), 1);
    let taken = aggregate.take();
    assert_eq!(taken[&1].series.values().map(|series| series.count).sum::<u64>(), u64::from(limit) + 2);
    assert_eq!(taken[&1].series.keys().filter(|key| key.path == PathId::FOLDED).count(), 1);
}

#[test]
fn folding_what_the_shards_hold_together_keeps_the_busiest_and_every_request() {
    let limit = limits::ROUTE_SERIES_PER_MINUTE_MAX;
    let mut minute: BTreeMap<SeriesKey, Series> = BTreeMap::new();
    for path in 0..limit as u32 + 10 {
        let key = SeriesKey { path: PathId(path + 2), method: MethodId::HEAD, status: 200 };
        let series = minute.entry(key).or_default();
        (0..=u32::from(path == 5)).for_each(|_| series.record(&observation(key.path, 200)));
    }
    let folded = fold_excess(&mut minute);
    assert!(minute.len() <= limit && folded > 0);
    assert_eq!(minute.values().map(|series| series.count).sum::<u64>(), limit as u64 + 11);
    assert!(minute.keys().any(|key| key.path == PathId(7)), "the busiest stays");
}

#[test]
fn templates_are_numbered_once_and_too_many_are_folded() {
    let paths = Paths::new();
    let (id, _) = paths.id_of("/a/{id}");
    assert_eq!(paths.id_of("/a/{id}"), (id, true));
    assert_eq!(
        std::thread::scope(|scope| scope.spawn(|| paths.id_of("/a/{id}")).join().unwrap()),
        (id, true)
    );
    assert_eq!(paths.path_of(id), "/a/{id}");
    let last = (0..10_000).map(|n| paths.id_of(&format!("/raw/{n}"))).last().unwrap();
    assert_eq!(last, (PathId::FOLDED, false));
    assert_eq!(paths.path_of(last.0), FOLDED_PATH);
    assert_eq!(paths.id_of("/a/{id}"), (id, true));
}

#[test]
fn a_path_of_ten_kilobytes_is_cut_at_a_character() {
    let paths = Paths::new();
    let long = "/é".repeat(5_000);
    let (id, _) = paths.id_of(&long);
    assert!(paths.path_of(id).len() <= limits::PATH_BYTES_MAX);
    assert!(long.starts_with(&paths.path_of(id)));
}

#[test]
fn a_series_travels_with_its_headers_only_where_they_differ() {
    let mut series = Series::default();
    series.record(&observation(PathId(2), 200));
    let wire = series.to_wire(0, 200);
    assert_eq!((wire.count, wire.durations.sum_us, wire.response.sum), (1, 2_000, 10));
    assert!(wire.headers.is_some());
    assert_eq!(wire.header_buckets().counts[0].0, Scale::DURATION.index_of(0.001));
    let mut equal = Series::default();
    equal.record(&Observation { headers: Some(2_000_000), ..observation(PathId(2), 200) });
    assert!(equal.to_wire(0, 200).headers.is_none());
}

#[test]
fn consumers_are_counted_beside_the_routes_and_folded_beyond_their_limit() {
    let (aggregate, losses) = (Aggregate::new(), Losses::default());
    let limit = limits::CONSUMER_ROWS_PER_MINUTE_MAX;
    for n in 0..limit + 5 {
        aggregate.record(1, &observation(PathId(2), 200), Some(&format!("c{n}")), &losses);
    }
    aggregate.record(1, &observation(PathId(2), 200), Some("c0"), &losses);
    let taken = aggregate.take();
    let minute = &taken[&1];
    assert_eq!(minute.series.values().map(|series| series.count).sum::<u64>(), limit as u64 + 6);
    assert_eq!(minute.consumers.values().map(|row| row.count).sum::<u64>(), limit as u64 + 6);
    assert_eq!(minute.consumers.iter().find(|((name, _), _)| &**name == "c0").unwrap().1.count, 2);
    let lost = losses.take();
    assert_eq!((lost[0].reason, lost[0].count), (LossReason::ConsumersFolded, 5));
}

#[test]
fn minutes_that_nobody_takes_are_dropped_and_counted() {
    let (aggregate, losses) = (Aggregate::new(), Losses::default());
    (0..100).for_each(|minute| aggregate.record(minute, &observation(PathId(2), 200), None, &losses));
    assert_eq!(aggregate.take().len(), 10);
    let lost = losses.take();
    assert_eq!((lost[0].reason, lost[0].count), (LossReason::ReportsExpired, 90));
}

proptest! {
    #[test]
    fn whatever_is_recorded_is_taken_once_and_in_its_place(
        requests in prop::collection::vec((0_i64..4, 2_u32..9, prop::sample::select(vec![200_u16, 404, 500])), 0..300)
    ) {
        let (aggregate, losses) = (Aggregate::new(), Losses::default());
        let mut expected: BTreeMap<(i64, u32, u16), u64> = BTreeMap::new();
        for (minute, path, status) in requests {
            aggregate.record(minute, &observation(PathId(path), status), None, &losses);
            *expected.entry((minute, path, status)).or_default() += 1;
        }
        let taken = aggregate.take();
        let counted: BTreeMap<_, _> = taken
            .iter()
            .flat_map(|(minute, counts)| {
                counts.series.iter().map(|(key, series)| ((*minute, key.path.0, key.status), series.count))
            })
            .collect();
        prop_assert_eq!(counted, expected);
        prop_assert!(losses.take().is_empty() && aggregate.take().is_empty());
    }
}
