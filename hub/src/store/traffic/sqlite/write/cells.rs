//! The counts of a batch: folded in memory into one cell per tier, route, consumer and bucket, then merged into the table.

use std::collections::HashMap;
use std::sync::LazyLock;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::super::cell::Cell;
use super::super::{corrupt, tier_id};
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::Tier;

/// The consumer that stands for everybody.
pub(in super::super) const EVERYBODY: i64 = 0;

/// The route that stands for all routes of a scope.
pub(in super::super) fn all_routes(scope: i64) -> i64 {
    -scope
}

/// Rows in one statement; what is left over goes in smaller ones, so that there are few different statements to prepare.
const CHUNKS: [usize; 3] = [64, 8, 1];

/// Where a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) tier: Tier,
    pub(super) route: i64,
    pub(super) consumer: i64,
    pub(super) bucket: UnixSecs,
}

/// The cells of a batch, not yet merged with what is stored.
#[derive(Debug, Default)]
pub(super) struct Cells(HashMap<Place, Cell>);

impl Cells {
    /// The cell of one minute, to be added to.
    pub(super) fn minute(&mut self, route: i64, consumer: i64, bucket: UnixSecs) -> &mut Cell {
        self.0.entry(Place { tier: Tier::Minute, route, consumer, bucket }).or_default()
    }

    /// Adds what follows from the minutes of `scope_of`'s routes: the scope's totals, and both coarser tiers.
    pub(super) fn roll_up(&mut self, scope_of: &HashMap<i64, i64>) {
        self.derive(|place| {
            let scope = scope_of.get(&place.route)?;
            Some(Place { route: all_routes(*scope), ..place })
        });
        for (finer, tier) in [(Tier::Minute, Tier::HalfHour), (Tier::HalfHour, Tier::Day)] {
            self.derive(|place| {
                let coarser = Place { tier, bucket: tier.floor(place.bucket), ..place };
                (place.tier == finer).then_some(coarser)
            });
        }
    }

    /// Merges each cell into the one that `target` names, where it names one.
    fn derive(&mut self, target: impl Fn(Place) -> Option<Place>) {
        let mut derived: HashMap<Place, Cell> = HashMap::new();
        for (place, cell) in &self.0 {
            if let Some(target) = target(*place) {
                derived.entry(target).or_default().merge(cell);
            }
        }
        self.0.extend(derived);
    }

    /// Merges all cells into the table.
    pub(super) async fn store(self, tx: &mut SqliteConnection) -> Result<(), StoreError> {
        let mut cells: Vec<_> = self.0.into_iter().collect();
        cells.sort_unstable_by_key(|(place, _)| *place);
        let mut left = cells.as_mut_slice();
        for (size, statements) in CHUNKS.into_iter().zip(STATEMENTS.iter()) {
            while left.len() >= size {
                let (chunk, rest) = left.split_at_mut(size);
                merge_stored(tx, &statements.select, chunk).await?;
                replace(tx, &statements.replace, chunk).await?;
                left = rest;
            }
        }
        Ok(())
    }
}

/// The two statements for one size of chunk.
struct Statements {
    select: String,
    replace: String,
}

static STATEMENTS: LazyLock<[Statements; 3]> = LazyLock::new(|| {
    CHUNKS.map(|rows| {
        let values = |row: &str| vec![row; rows].join(",");
        let select = format!(
            "WITH places (tier, route, consumer, bucket) AS (VALUES {}) SELECT t.tier, t.route_id, t.consumer_id, t.bucket, t.cell \
             FROM places CROSS JOIN traffic t ON t.tier = places.tier AND t.route_id = places.route \
             AND t.consumer_id = places.consumer AND t.bucket = places.bucket",
            values("(?,?,?,?)")
        );
        let replace = format!(
            "INSERT OR REPLACE INTO traffic (tier, route_id, consumer_id, bucket, cell) VALUES {}",
            values("(?,?,?,?,?)")
        );
        Statements { select, replace }
    })
});

/// Merges what is stored at the places of `chunk` into it.
async fn merge_stored(
    tx: &mut SqliteConnection,
    select: &'static str,
    chunk: &mut [(Place, Cell)],
) -> Result<(), StoreError> {
    let mut query = sqlx::query(select);
    for (place, _) in chunk.iter() {
        query = query.bind(tier_id(place.tier)).bind(place.route).bind(place.consumer).bind(place.bucket);
    }
    for row in query.fetch_all(&mut *tx).await? {
        let stored = Cell::decode(row.try_get(4)?).ok_or_else(|| corrupt("a cell"))?;
        let key = place_key(&row)?;
        let found = chunk.binary_search_by_key(&key, |(place, _)| {
            (tier_id(place.tier), place.route, place.consumer, place.bucket)
        });
        if let Ok(at) = found {
            chunk[at].1.merge(&stored);
        }
    }
    Ok(())
}

fn place_key(row: &SqliteRow) -> Result<(i64, i64, i64, i64), sqlx::Error> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
}

async fn replace(
    tx: &mut SqliteConnection,
    sql: &'static str,
    chunk: &[(Place, Cell)],
) -> Result<(), StoreError> {
    let mut query = sqlx::query(sql);
    for (place, cell) in chunk {
        query = query.bind(tier_id(place.tier)).bind(place.route).bind(place.consumer).bind(place.bucket);
        query = query.bind(cell.encode());
    }
    query.execute(&mut *tx).await?;
    Ok(())
}
