use proptest::prelude::*;
use sendry_sdk::protocol::{Durations, Outcomes, Sizes};

use super::*;

fn buckets() -> impl Strategy<Value = Buckets> {
    let counts = proptest::collection::btree_map(-1_024i16..1_024, 1u64..1_000_000, 0..40);
    (0u64..5, counts).prop_map(|(zero, counts)| Buckets { zero, counts: counts.into_iter().collect() })
}

prop_compose! {
    fn series()(
        status in prop_oneof![Just(200u16), Just(404), Just(500), 100u16..1_000],
        count in 0u64..1_000_000_000_000,
        durations in buckets(),
        headers in proptest::option::of(buckets()),
        request in buckets(),
        response in buckets(),
        outcomes in proptest::option::of((0u64..9, 0u64..9, 0u64..9)),
        sum in 0..u64::from(u32::MAX),
    ) -> RouteSeries {
        let (aborted, body_error, panic) = outcomes.unwrap_or_default();
        RouteSeries {
            route: 0, status, count, headers,
            outcomes: Outcomes { aborted, body_error, panic },
            durations: Durations { sum_us: sum, max_us: sum / 2, buckets: durations },
            request: Sizes { sum: sum / 3, buckets: request },
            response: Sizes { sum: sum / 5, buckets: response },
        }
    }
}

fn cell_of(series: &[RouteSeries]) -> Cell {
    let mut cell = Cell::default();
    series.iter().for_each(|series| cell.add_route(series));
    cell
}

proptest! {
    #[test]
    fn a_cell_comes_back_as_it_was(series in proptest::collection::vec(series(), 0..6)) {
        let cell = cell_of(&series);
        prop_assert_eq!(Cell::decode(&cell.encode()), Some(cell));
    }

    #[test]
    fn merging_cells_is_the_same_as_adding_all_series(
        left in proptest::collection::vec(series(), 0..6), right in proptest::collection::vec(series(), 0..6),
    ) {
        let mut merged = cell_of(&left);
        merged.merge(&cell_of(&right));
        let all: Vec<_> = left.into_iter().chain(right).collect();
        prop_assert_eq!(totals(&merged), totals(&cell_of(&all)));
        prop_assert_eq!(totals(&merged), expected(&all));
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Cell::decode(&bytes);
    }
}

#[test]
fn a_cut_cell_is_no_cell() {
    let buckets = Buckets { zero: 1, counts: vec![(-3, 2), (9, 4)] };
    let durations = Durations { sum_us: 5, max_us: 3, buckets };
    let bytes =
        cell_of(&[RouteSeries { status: 200, count: 7, durations, ..RouteSeries::default() }]).encode();
    assert!(Cell::decode(&bytes).is_some());
    for end in 0..bytes.len() {
        assert_eq!(Cell::decode(&bytes[..end]), None, "{end}");
    }
}

type Seen = (u64, u64, Histogram, Histogram, Histogram, Histogram);

/// Status, requests, duration sum, and the four histograms: buckets and zeros.
type Row = (u16, u64, u64, [Vec<(i16, u64)>; 4], [u64; 4]);

/// What a reader sees of a cell, after a round through its bytes.
fn totals(cell: &Cell) -> Vec<Row> {
    let mut seen = Vec::new();
    read_cell(&cell.encode(), |status, sums, histograms| {
        let mut found = Seen::default();
        histograms.add_to(&mut found.2, &mut found.3, [&mut found.4, &mut found.5])?;
        seen.push(row(status, (sums.requests, sums.duration_sum_us, found.2, found.3, found.4, found.5)));
        Some(())
    })
    .unwrap();
    seen
}

fn row(status: u16, seen: Seen) -> Row {
    let histograms = [seen.2, seen.3, seen.4, seen.5];
    let zeros = histograms.each_ref().map(Histogram::zero);
    (status, seen.0, seen.1, histograms.map(|histogram| histogram.iter().collect()), zeros)
}

/// The same by the plainest means.
fn expected(all: &[RouteSeries]) -> Vec<Row> {
    let mut by_status = std::collections::BTreeMap::<u16, Seen>::new();
    for series in all {
        let seen = by_status.entry(series.status).or_default();
        seen.0 += series.count;
        seen.1 += series.durations.sum_us;
        seen.2.merge_buckets(&series.durations.buckets);
        seen.3.merge_buckets(series.header_buckets());
        seen.4.merge_buckets(&series.request.buckets);
        seen.5.merge_buckets(&series.response.buckets);
    }
    by_status.into_iter().map(|(status, seen)| row(status, seen)).collect()
}
