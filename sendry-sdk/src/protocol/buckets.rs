//! Sparse buckets: a histogram as it travels and as it is stored.
//!
//! In JSON they are one flat array of integers, `[zero, index, count, step, count, step, count, …]`: after the first
//! bucket each index is written as its distance from the one before, which compresses to about a byte a number.

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Histogram;

/// The non-empty buckets of a [`Histogram`], in rising order of their indexes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buckets {
    /// How many values were zero.
    pub zero: u64,
    /// Index and count of each non-empty bucket.
    pub counts: Vec<(i16, u64)>,
}

impl Buckets {
    /// Tells whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.zero == 0 && self.counts.is_empty()
    }

    /// How many values were counted, zeros included.
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(self.zero, |sum, (_, count)| sum.saturating_add(*count))
    }
}

impl From<&Histogram> for Buckets {
    fn from(histogram: &Histogram) -> Self {
        Self { zero: histogram.zero(), counts: histogram.iter().collect() }
    }
}

impl From<&Buckets> for Histogram {
    fn from(buckets: &Buckets) -> Self {
        let mut histogram = Self::new();
        histogram.merge_buckets(buckets);
        histogram
    }
}

impl Serialize for Buckets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut flat = serializer.serialize_seq(Some(1 + 2 * self.counts.len()))?;
        flat.serialize_element(&self.zero)?;
        let mut previous = 0;
        for &(index, count) in &self.counts {
            flat.serialize_element(&(i32::from(index) - previous))?;
            flat.serialize_element(&count)?;
            previous = i32::from(index);
        }
        flat.end()
    }
}

impl<'de> Deserialize<'de> for Buckets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(FlatVisitor)
    }
}

struct FlatVisitor;

impl<'de> Visitor<'de> for FlatVisitor {
    type Value = Buckets;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array [zero, index, count, step, count, …] of integers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Buckets, A::Error> {
        let zero = seq.next_element()?.unwrap_or(0);
        let mut counts = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(256) / 2);
        let mut previous = 0i32;
        while let Some(step) = seq.next_element::<i32>()? {
            let first = counts.is_empty();
            let index = previous.checked_add(step).and_then(|index| i16::try_from(index).ok());
            let index = index.filter(|_| first || step > 0);
            let index = index.ok_or_else(|| A::Error::custom("bucket indexes must rise and fit 16 bits"))?;
            let count = seq.next_element::<u64>()?;
            let count = count.ok_or_else(|| A::Error::custom("a bucket index without its count"))?;
            counts.push((index, count));
            previous = i32::from(index);
        }
        Ok(Buckets { zero, counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_travel_as_one_flat_array_of_differences() {
        let buckets = Buckets { zero: 2, counts: vec![(-140, 3), (-139, 5), (-137, 2)] };
        let json = serde_json::to_string(&buckets).unwrap();
        assert_eq!(json, "[2,-140,3,1,5,2,2]");
        assert_eq!(serde_json::from_str::<Buckets>(&json).unwrap(), buckets);
    }

    #[test]
    fn malformed_arrays_are_refused() {
        for bad in ["[0,1]", "[0,5,1,0,1]", "[0,5,1,-1,1]", "[0,40000,1]", "[-1]", "[0,1,-1]", "{}"] {
            assert!(serde_json::from_str::<Buckets>(bad).is_err(), "{bad}");
        }
    }
}
