use proptest::prelude::*;

use super::*;

/// The definition, with a logarithm: ⌈log_base(value)⌉ − 1.
fn index_by_definition(value: f64, scale: i32) -> f64 {
    (value.log2() * f64::from(1 << scale)).ceil() - 1.0
}

#[test]
fn powers_of_two_belong_to_the_bucket_below_them() {
    for exponent in -30..30 {
        let value = f64::from(exponent).exp2();
        assert_eq!(i32::from(Scale::DURATION.index_of(value)), exponent * 16 - 1);
        assert_eq!(i32::from(Scale::SIZE.index_of(value)), exponent * 4 - 1);
    }
}

#[test]
fn the_boundaries_of_the_table_are_the_powers_of_the_base() {
    for (j, boundary) in BOUNDARIES.iter().enumerate() {
        assert!((boundary - (j as f64 / 16.0).exp2()).abs() < 1e-15, "boundary {j}");
    }
}

#[test]
fn a_boundary_is_included_above_and_excluded_below() {
    for (j, boundary) in BOUNDARIES.iter().enumerate() {
        assert_eq!(i32::from(Scale::DURATION.index_of(*boundary)), j as i32 - 1);
        assert_eq!(i32::from(Scale::DURATION.index_of(boundary.next_up())), j as i32);
    }
}

#[test]
fn an_empty_histogram_has_no_quantile_and_zeros_are_zero() {
    let mut histogram = Histogram::new();
    assert_eq!(histogram.quantile(Scale::DURATION, 0.5), None);
    histogram.record_nanos(0);
    assert_eq!(histogram.quantile(Scale::DURATION, 0.5), Some(0.0));
}

#[test]
fn counts_saturate() {
    let mut histogram = Histogram::new();
    histogram.add(3, u64::MAX);
    histogram.add(3, 1);
    histogram.add_zero(u64::MAX);
    assert_eq!(histogram.count(), u64::MAX);
}

proptest! {
    #[test]
    fn the_index_is_that_of_the_definition(value in 1e-9f64..1e6) {
        let near = index_by_definition(value, 4);
        let index = f64::from(Scale::DURATION.index_of(value));
        // The logarithm rounds; the table does not. They may differ only where the value is a boundary to 1e-12.
        let to_boundary = (value.log2() * 16.0 - (value.log2() * 16.0).round()).abs();
        prop_assert!(index == near || to_boundary < 1e-10, "{value}: {index} {near}");
    }

    #[test]
    fn quantiles_are_within_the_promised_error(mut nanos in prop::collection::vec(1u64..100_000_000_000, 1..400), q in 0.0f64..=1.0) {
        let mut histogram = Histogram::new();
        nanos.iter().for_each(|n| histogram.record_nanos(*n));
        nanos.sort_unstable();
        let rank = ((q * nanos.len() as f64).ceil() as usize).clamp(1, nanos.len());
        let truth = nanos[rank - 1] as f64 / 1e9;
        let answer = histogram.quantile(Scale::DURATION, q).unwrap();
        prop_assert!((answer / truth - 1.0).abs() <= WORST_QUANTILE_ERROR + 1e-9);
    }

    #[test]
    fn merging_is_the_same_as_recording_together(a in prop::collection::vec(0u64..10_000_000_000, 0..100), b in prop::collection::vec(0u64..10_000_000_000, 0..100)) {
        let (mut left, mut right, mut both) = (Histogram::new(), Histogram::new(), Histogram::new());
        for n in &a { left.record_nanos(*n); both.record_nanos(*n); }
        for n in &b { right.record_nanos(*n); both.record_nanos(*n); }
        left.merge_buckets(&Buckets::from(&right));
        prop_assert_eq!(Buckets::from(&left), Buckets::from(&both));
    }
}
