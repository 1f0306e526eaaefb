//! Which running numbers of an ingest process arrived: a set of ranges that is one range when nothing is missing.

use super::varint::{put, take};

/// Ranges `[from, to)` in rising order, never touching.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Arrived(Vec<(u64, u64)>);

impl Arrived {
    /// Adds a number; again is the same as once.
    pub(super) fn insert(&mut self, number: u64) {
        let end = number.saturating_add(1);
        let at = self.0.partition_point(|(_, to)| *to < number);
        match self.0.get_mut(at) {
            Some((from, to)) if *from <= end => {
                *from = (*from).min(number);
                *to = (*to).max(end);
                self.join(at);
            }
            _ => self.0.insert(at, (number, end)),
        }
    }

    /// Joins the range at `at` to the next one, when they touch.
    fn join(&mut self, at: usize) {
        if let Some(&(from, to)) = self.0.get(at + 1)
            && from <= self.0[at].1
        {
            self.0[at].1 = self.0[at].1.max(to);
            self.0.remove(at + 1);
        }
    }

    /// The highest number.
    pub(super) fn highest(&self) -> Option<u64> {
        self.0.last().map(|(_, to)| to - 1)
    }

    /// How many below the highest are not there.
    pub(super) fn missing(&self) -> u64 {
        let there: u64 = self.0.iter().map(|(from, to)| to - from).sum();
        self.highest().map_or(0, |highest| highest + 1 - there)
    }

    pub(super) fn into_ranges(self) -> Vec<(u64, u64)> {
        self.0
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut previous = 0;
        for &(from, to) in &self.0 {
            put(&mut bytes, from - previous);
            put(&mut bytes, to - from);
            previous = to;
        }
        bytes
    }

    pub(super) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let (mut ranges, mut previous) = (Vec::new(), 0u64);
        while !bytes.is_empty() {
            let from = previous.checked_add(take(bytes)?)?;
            let to = from.checked_add(take(bytes)?)?;
            ranges.push((from, to));
            previous = to;
        }
        Some(Self(ranges))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_are_the_set_of_what_was_inserted(numbers in proptest::collection::vec(0u64..60, 0..80)) {
            let mut arrived = Arrived::default();
            numbers.iter().for_each(|number| arrived.insert(*number));
            let set: std::collections::BTreeSet<_> = numbers.into_iter().collect();
            let listed: Vec<_> = arrived.0.iter().flat_map(|(from, to)| *from..*to).collect();
            prop_assert_eq!(&listed, &set.iter().copied().collect::<Vec<_>>());
            prop_assert!(arrived.0.windows(2).all(|pair| pair[0].1 < pair[1].0), "ranges touch");
            let missing = set.last().map_or(0, |last| last + 1 - set.len() as u64);
            prop_assert_eq!(arrived.missing(), missing);
            prop_assert_eq!(Arrived::decode(&arrived.encode()), Some(arrived));
        }
    }
}
