//! The exponential histogram: which bucket a value belongs to, and what a bucket stands for.
//!
//! Buckets are those of OpenTelemetry's base-2 exponential histogram: at scale *s* the base is 2^(2^-s) and bucket *i*
//! holds the values in (base^i, base^(i+1)]; zeros are counted apart. Durations are recorded in seconds at scale 4
//! (16 buckets per doubling), sizes in bytes at scale 2, so that OTLP and Prometheus native histograms map in exactly.
//! A bucket stands for its geometric midpoint, and a quantile is the nearest rank ⌈q·n⌉.
//!
//! Memory: a dense window over the indexes seen, 8 bytes a bucket; latencies of one route span 30 to 150 buckets.
//! Error: see [`WORST_QUANTILE_ERROR`].

use super::Buckets;

/// The largest relative distance between a quantile at [`Scale::DURATION`] and the recorded value of that rank: √(2^(1/16)) − 1.
pub const WORST_QUANTILE_ERROR: f64 = 0.021_897_148_654_116_7;

/// The resolution of a histogram: 2^scale buckets per doubling of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scale(u8);

/// The boundaries 2^(j/16) of the sixteen buckets between 1 and 2.
const BOUNDARIES: [f64; 16] = [
    1.0,
    1.044_273_782_427_413_8,
    1.090_507_732_665_257_7,
    1.138_788_634_756_691_6,
    1.189_207_115_002_721,
    1.241_857_812_073_484,
    1.296_839_554_651_009_6,
    1.354_255_546_936_892_7,
    std::f64::consts::SQRT_2,
    1.476_826_145_939_499_3,
    1.542_210_825_407_940_7,
    1.610_490_331_949_254_3,
    1.681_792_830_507_429,
    1.756_252_160_373_299_5,
    1.834_008_086_409_342_4,
    1.915_206_561_397_147_4,
];

/// For each 64th of the mantissa: how many boundaries lie below it, and the one boundary that may lie inside it.
///
/// Boundaries are at least 4.4 % apart and a 64th is at most 1.6 % wide, so there is never a second one inside.
const SLOTS: [(u8, f64); 64] = slots();

const fn slots() -> [(u8, f64); 64] {
    let mut table = [(0, 2.0); 64];
    let mut slot = 0;
    while slot < 64 {
        let low = 1.0 + slot as f64 / 64.0;
        let mut below = 0;
        while below < 16 && BOUNDARIES[below] < low {
            below += 1;
        }
        table[slot] = (below as u8, if below < 16 { BOUNDARIES[below] } else { 2.0 });
        slot += 1;
    }
    table
}

impl Scale {
    /// The scale of durations in seconds: 16 buckets per doubling, quantiles within 2.2 %.
    pub const DURATION: Self = Self(4);
    /// The scale of sizes in bytes and of consumers' durations: 4 buckets per doubling, quantiles within 9.1 %.
    pub const SIZE: Self = Self(2);

    /// The index of the bucket that holds `value`, which must be finite and above zero.
    ///
    /// It costs no logarithm: the exponent is read off the float, the mantissa looked up in a table of 64 entries.
    #[inline]
    pub fn index_of(self, value: f64) -> i16 {
        let bits = value.to_bits();
        let exponent = ((bits >> 52) & 0x7ff) as i32 - 1023;
        let slot = ((bits >> 46) & 0x3f) as usize;
        let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
        let (below, inside) = SLOTS[slot];
        let bucket = exponent * 16 + i32::from(below) + i32::from(mantissa > inside) - 1;
        (bucket >> (4 - self.0)) as i16
    }

    /// The index of the bucket of a duration in nanoseconds, which must be above zero.
    #[inline]
    pub fn index_of_nanos(self, nanos: u64) -> i16 {
        self.index_of(nanos as f64 / 1e9)
    }

    /// The value that bucket `index` stands for: its geometric midpoint.
    pub fn midpoint(self, index: i16) -> f64 {
        ((f64::from(index) + 0.5) / f64::from(1u32 << self.0)).exp2()
    }

    /// The upper bound, included, of bucket `index`.
    pub fn upper_bound(self, index: i16) -> f64 {
        ((f64::from(index) + 1.0) / f64::from(1u32 << self.0)).exp2()
    }
}

/// Counts of values in exponential buckets: recorded, merged, and asked for quantiles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    zero: u64,
    first: i16,
    counts: Vec<u64>,
}

impl Histogram {
    /// Returns an empty histogram. It allocates at the first value.
    pub const fn new() -> Self {
        Self { zero: 0, first: 0, counts: Vec::new() }
    }

    /// Counts one duration, given in nanoseconds, at [`Scale::DURATION`].
    #[inline]
    pub fn record_nanos(&mut self, nanos: u64) {
        if nanos == 0 {
            self.zero += 1;
        } else {
            self.add(Scale::DURATION.index_of_nanos(nanos), 1);
        }
    }

    /// Counts one size in bytes at [`Scale::SIZE`].
    #[inline]
    pub fn record_bytes(&mut self, bytes: u64) {
        if bytes == 0 {
            self.zero += 1;
        } else {
            self.add(Scale::SIZE.index_of(bytes as f64), 1);
        }
    }

    /// Adds `count` values to bucket `index`. Counts saturate: a histogram never panics.
    #[inline]
    pub fn add(&mut self, index: i16, count: u64) {
        let at = usize::try_from(i32::from(index) - i32::from(self.first));
        match at.ok().and_then(|at| self.counts.get_mut(at)) {
            Some(slot) => *slot = slot.saturating_add(count),
            None => self.grow_and_add(index, count),
        }
    }

    /// Adds `count` zeros.
    pub fn add_zero(&mut self, count: u64) {
        self.zero = self.zero.saturating_add(count);
    }

    /// Widens the window in steps of eight buckets, so that a new route settles after a few allocations.
    #[cold]
    fn grow_and_add(&mut self, index: i16, count: u64) {
        let step = index & !7;
        if self.counts.is_empty() {
            self.first = step;
        }
        if index < self.first {
            let missing = usize::from(self.first.abs_diff(step));
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = step;
        }
        let at = usize::from(index.abs_diff(self.first));
        if at >= self.counts.len() {
            self.counts.resize((at | 7) + 1, 0);
        }
        self.counts[at] = self.counts[at].saturating_add(count);
    }

    /// Adds what `other` counted. Both must be of one scale; merging is exact.
    pub fn merge(&mut self, other: &Self) {
        self.add_zero(other.zero);
        for (index, count) in other.iter() {
            self.add(index, count);
        }
    }

    /// Adds sparse buckets, as they travel and are stored.
    pub fn merge_buckets(&mut self, buckets: &Buckets) {
        self.add_zero(buckets.zero);
        for &(index, count) in &buckets.counts {
            self.add(index, count);
        }
    }

    /// The non-empty buckets in rising order: index and count.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (i16, u64)> + '_ {
        let first = i32::from(self.first);
        let index = move |at: usize| (first + at as i32) as i16;
        self.counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(move |(at, count)| (index(at), *count))
    }

    /// How many zeros were counted.
    pub fn zero(&self) -> u64 {
        self.zero
    }

    /// How many values were counted, zeros included.
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(self.zero, |sum, count| sum.saturating_add(*count))
    }

    /// Tells whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The value of rank ⌈q·n⌉, within half a bucket; `None` when nothing was counted. `q` is within 0 to 1.
    pub fn quantile(&self, scale: Scale, q: f64) -> Option<f64> {
        let total = self.count();
        let rank = ((q.clamp(0.0, 1.0) * total as f64).ceil() as u64).clamp(1, total.max(1));
        if total == 0 {
            return None;
        }
        let mut seen = self.zero;
        if seen >= rank {
            return Some(0.0);
        }
        for (index, count) in self.iter() {
            seen = seen.saturating_add(count);
            if seen >= rank {
                return Some(scale.midpoint(index));
            }
        }
        None
    }

    /// How many values lie in buckets that end at or below `bound`, plus those of `bound`'s own bucket when its midpoint does.
    pub fn count_at_most(&self, scale: Scale, bound: f64) -> u64 {
        self.iter()
            .take_while(|(index, _)| scale.midpoint(*index) <= bound)
            .fold(self.zero, |sum, (_, count)| sum.saturating_add(count))
    }

    /// Forgets all counts and keeps the memory.
    pub fn clear(&mut self) {
        self.zero = 0;
        self.counts.fill(0);
    }
}

#[cfg(test)]
mod tests;
