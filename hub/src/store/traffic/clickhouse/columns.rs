//! Rows of `traffic_minutes`, column by column in the format `Native`: most rows go there, and this is what costs the least to make
//! here and to read there.
//!
//! A block begins with how many columns and rows it has; of each column it has the name, the type and the values. Numbers are
//! little-endian, and lengths are varints. A map is where the entries of each row end, then all keys, then all values.
//! <https://clickhouse.com/docs/interfaces/formats/Native>

use sendry_sdk::protocol::Buckets;
use uuid::Uuid;

use super::ClickHouseTraffic;
use super::rows::{TrafficRow, ZEROS};
use crate::store::StoreError;

/// Names and types of the columns that are not maps, in the order in which [`TrafficColumns::push`] fills them.
const PLAIN: [(&str, &str); 18] = [
    ("app_id", "UUID"),
    // The server makes a LowCardinality of it.
    ("env", "String"),
    ("by_consumer", "UInt8"),
    ("bucket", "DateTime('UTC')"),
    ("report_id", "UUID"),
    ("ordinal", "UInt32"),
    ("consumer", "FixedString(16)"),
    ("route", "UInt64"),
    ("status", "UInt16"),
    ("headers_apart", "UInt8"),
    ("requests", "UInt64"),
    ("aborted", "UInt64"),
    ("body_errors", "UInt64"),
    ("panics", "UInt64"),
    ("duration_sum_us", "UInt64"),
    ("duration_max_us", "UInt64"),
    ("request_bytes", "UInt64"),
    ("response_bytes", "UInt64"),
];

const HISTOGRAMS: [&str; 4] = ["durations", "headers", "request_sizes", "response_sizes"];
const HISTOGRAM: &str = "Map(Int16, UInt64)";

/// A block in the making.
#[derive(Default)]
pub(super) struct TrafficColumns {
    rows: u64,
    plain: [Vec<u8>; PLAIN.len()],
    /// The last row's environment as its column has it.
    env: Vec<u8>,
    histograms: [Histograms; HISTOGRAMS.len()],
}

/// A column of maps from index to count.
#[derive(Default)]
struct Histograms {
    entries: u64,
    ends: Vec<u8>,
    indexes: Vec<u8>,
    counts: Vec<u8>,
}

impl TrafficColumns {
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn push(&mut self, row: &TrafficRow<'_>) {
        self.env.clear();
        put_text(&mut self.env, row.env);
        let cells: [&[u8]; PLAIN.len()] = [
            &uuid(row.app_id),
            &self.env,
            &[row.by_consumer.into()],
            &row.bucket.to_le_bytes(),
            &uuid(row.report_id),
            &row.ordinal.to_le_bytes(),
            &row.consumer,
            &row.route.to_le_bytes(),
            &row.status.to_le_bytes(),
            &[row.headers_apart.into()],
            &row.requests.to_le_bytes(),
            &row.aborted.to_le_bytes(),
            &row.body_errors.to_le_bytes(),
            &row.panics.to_le_bytes(),
            &row.duration_sum_us.to_le_bytes(),
            &row.duration_max_us.to_le_bytes(),
            &row.request_bytes.to_le_bytes(),
            &row.response_bytes.to_le_bytes(),
        ];
        for (column, cell) in self.plain.iter_mut().zip(cells) {
            column.extend_from_slice(cell);
        }
        let histograms = [row.durations, row.headers, row.request_sizes, row.response_sizes];
        for (column, histogram) in self.histograms.iter_mut().zip(histograms) {
            column.push(histogram);
        }
        self.rows += 1;
    }

    /// The block, in pieces.
    fn into_pieces(self) -> impl Iterator<Item = Vec<u8>> {
        let mut head = Vec::new();
        put_number(&mut head, (PLAIN.len() + HISTOGRAMS.len()) as u64);
        put_number(&mut head, self.rows);
        let plain = PLAIN.into_iter().zip(self.plain).flat_map(|(column, values)| [named(column), values]);
        let histograms = HISTOGRAMS.into_iter().zip(self.histograms).flat_map(|(name, column)| {
            [named((name, HISTOGRAM)), column.ends, column.indexes, column.counts]
        });
        std::iter::once(head).chain(plain).chain(histograms)
    }
}

impl Histograms {
    fn push(&mut self, histogram: Option<&Buckets>) {
        if let Some(Buckets { zero, counts }) = histogram {
            self.indexes.reserve((counts.len() + 1) * size_of::<i16>());
            self.counts.reserve((counts.len() + 1) * size_of::<u64>());
            if *zero > 0 {
                self.put(ZEROS, *zero);
            }
            counts.iter().for_each(|(index, count)| self.put(*index, *count));
        }
        self.ends.extend_from_slice(&self.entries.to_le_bytes());
    }

    fn put(&mut self, index: i16, count: u64) {
        self.indexes.extend_from_slice(&index.to_le_bytes());
        self.counts.extend_from_slice(&count.to_le_bytes());
        self.entries += 1;
    }
}

impl ClickHouseTraffic {
    /// Stores what is said of minutes, as one block a partition.
    pub(super) async fn store_traffic(&self, columns: TrafficColumns) -> Result<(), StoreError> {
        if columns.rows == 0 {
            return Ok(());
        }
        let names: Vec<_> = PLAIN.iter().map(|(name, _)| *name).chain(HISTOGRAMS).collect();
        let sql = format!("INSERT INTO traffic_minutes ({}) FORMAT Native", names.join(", "));
        self.link.insert_block(&sql, columns.into_pieces()).await
    }
}

/// What stands before the values of a column.
fn named((name, kind): (&str, &str)) -> Vec<u8> {
    let mut named = Vec::new();
    put_text(&mut named, name);
    put_text(&mut named, kind);
    named
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// A number as LEB128.
fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Two numbers of 64 bits, the upper half first.
fn uuid(id: Uuid) -> [u8; 16] {
    let (upper, lower) = id.as_u64_pair();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&upper.to_le_bytes());
    bytes[8..].copy_from_slice(&lower.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_halves_are_as_the_format_has_them() {
        let leb = |number| {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            bytes
        };
        assert_eq!((leb(0), leb(127), leb(128), leb(300)), (vec![0], vec![127], vec![128, 1], vec![172, 2]));
        assert_eq!(leb(u64::MAX).len(), 10);
        assert_eq!(uuid(Uuid::from_u64_pair(1, 2 << 8)), [1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]);
    }
}
