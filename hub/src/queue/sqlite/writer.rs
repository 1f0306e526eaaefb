//! The one writer: a task that commits in groups.
//!
//! Whoever wants something written sends an [`Op`] and waits. The task takes all that wait, applies them in one transaction,
//! commits once (one sync of the disk for all of them) and answers. When a transaction fails, all of its senders hear
//! it, and nothing of it is there. What is one statement is sent without `BEGIN` and `COMMIT`: each of these is a trip to the
//! thread that SQLite runs on.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AssertSqlSafe, SqliteConnection, SqlitePool};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::rows;
use crate::clock::{SharedClock, UnixMillis};
use crate::queue::{DeadLetterReason, Envelope, QueueError, Topic};
use crate::sqlite::reclaim;

/// Operations that wait, of all senders. At the largest report they hold 4 MiB each, at the usual one 4 KiB.
const WAITING_MAX: usize = 1_024;

/// Operations in one transaction: enough to spread the cost of a sync, few enough that it stays within milliseconds.
const GROUP_MAX: usize = 512;

/// How long a sender waits for a place among [`WAITING_MAX`] before it hears that the queue is not available.
const PLACE_WAIT: Duration = Duration::from_secs(2);

/// How long nothing is written before free pages are handed back.
const IDLE: Duration = Duration::from_secs(1);

/// Free pages that are kept for the next envelopes (4 KiB each), and how many are handed back at once.
const PAGES_KEPT: i64 = 256;
const PAGES_AT_ONCE: i64 = 2_048;

/// Bytes of the file that an envelope takes beside its body: for its other columns and pages that are not full, and one in so many of the
/// body for the heads of its pages.
const ENVELOPE_BYTES_MORE: u64 = 2 * 4_096;
const BODY_BYTES_A_HEAD: u64 = 256;

/// One change. The answer is how many rows it touched.
pub(super) enum Op {
    Publish(Topic, Envelope),
    /// Its answer is always 1.
    Remove(i64),
    Retry(i64),
    Bury {
        id: i64,
        reason: DeadLetterReason,
        detail: String,
    },
    Replay(Uuid),
    DropDead(Uuid),
    Probe,
}

impl Op {
    /// The id of the envelope that it removes, where it is this.
    fn removed(&self) -> Option<i64> {
        match self {
            Self::Remove(id) => Some(*id),
            _ => None,
        }
    }
}

struct Waiting {
    op: Op,
    answer: oneshot::Sender<Result<u64, QueueError>>,
}

enum Message {
    Write(Waiting),
    Stop,
}

/// The way to the writer's task.
#[derive(Clone)]
pub(super) struct Writer {
    sender: mpsc::Sender<Message>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Writer {
    pub(super) fn start(pool: SqlitePool, bytes_max: u64, clock: SharedClock) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let task = tokio::spawn(run(File { pool, bytes_max, room: 0 }, clock, receiver));
        Self { sender, task: Arc::new(Mutex::new(Some(task))) }
    }

    /// Returns once `op` is on the disk.
    pub(super) async fn commit(&self, op: Op) -> Result<u64, QueueError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.sender.send_timeout(Message::Write(Waiting { op, answer }), PLACE_WAIT).await;
        sent.map_err(|_| unavailable("too much waits to be written, or the queue was closed"))?;
        answered.await.map_err(|_| unavailable("the queue was closed"))?
    }

    /// Commits what waits and ends the task.
    pub(super) async fn stop(&self) {
        // The task is gone when it cannot be told: it was stopped before.
        let _ = self.sender.send(Message::Stop).await;
        if let Some(task) = self.task.lock().await.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "The queue's writer ended badly.");
        }
    }
}

/// The file and how large it may become.
struct File {
    pool: SqlitePool,
    bytes_max: u64,
    /// Bytes that can still be added, at least: what was found at the last look, less what was added since.
    room: u64,
}

impl File {
    /// Bytes that can still be added. What was freed counts as room, whether the file was made smaller or not.
    async fn look(&self, connection: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
        let sql = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
        let (used,): (i64,) = sqlx::query_as(sql).fetch_one(connection).await?;
        Ok(self.bytes_max.saturating_sub(used.unsigned_abs()))
    }

    /// Takes room for a body, where it is known to be there.
    fn take_known_room(&mut self, body: u64) -> bool {
        let left = self.room.checked_sub(with_its_envelope(body));
        self.room = left.unwrap_or(self.room);
        left.is_some()
    }

    /// Takes room for a body; looks for it, where none is known to be there.
    async fn take_room(&mut self, connection: &mut SqliteConnection, body: u64) -> Result<bool, sqlx::Error> {
        if self.take_known_room(body) {
            return Ok(true);
        }
        let room = self.look(connection).await?;
        self.room = room.saturating_sub(with_its_envelope(body));
        Ok(room >= body)
    }
}

/// What a body takes of the file, at most.
fn with_its_envelope(body: u64) -> u64 {
    body + body / BODY_BYTES_A_HEAD + ENVELOPE_BYTES_MORE
}

fn unavailable(why: &str) -> QueueError {
    QueueError::Unavailable(why.to_owned())
}

async fn run(mut file: File, clock: SharedClock, mut receiver: mpsc::Receiver<Message>) {
    let mut untidy = true;
    loop {
        let first = if untidy {
            match tokio::time::timeout(IDLE, receiver.recv()).await {
                Ok(first) => first,
                Err(_) => {
                    untidy = tidy(&file.pool).await;
                    continue;
                }
            }
        } else {
            receiver.recv().await
        };
        let Some(Message::Write(first)) = first else { return };
        let (group, stop) = collect(first, &mut receiver);
        commit_group(&mut file, clock.now_ms(), group).await;
        untidy = true;
        if stop {
            return;
        }
    }
}

/// Hands free pages back; tells whether there may be more.
async fn tidy(pool: &SqlitePool) -> bool {
    match reclaim(pool, PAGES_KEPT, PAGES_AT_ONCE).await {
        Ok(more) => more,
        Err(error) => {
            tracing::warn!(%error, "The queue's free pages could not be handed back.");
            false
        }
    }
}

/// What waits now, and whether the writer shall stop after it.
fn collect(first: Waiting, receiver: &mut mpsc::Receiver<Message>) -> (Vec<Waiting>, bool) {
    let mut group = vec![first];
    while group.len() < GROUP_MAX {
        match receiver.try_recv() {
            Ok(Message::Write(waiting)) => group.push(waiting),
            Ok(Message::Stop) => return (group, true),
            Err(_) => break,
        }
    }
    (group, false)
}

async fn commit_group(file: &mut File, now: UnixMillis, group: Vec<Waiting>) {
    match apply_group(file, now, &group).await {
        Ok(touched) => {
            for (waiting, touched) in group.into_iter().zip(touched) {
                // Who does not wait any more does not need the answer.
                let _ = waiting.answer.send(touched.ok_or_else(|| full(file.bytes_max)));
            }
        }
        Err(error) => {
            // What it removed is there again.
            file.room = 0;
            for waiting in group {
                let _ = waiting.answer.send(Err(QueueError::Unavailable(error.to_string())));
            }
        }
    }
}

fn full(bytes_max: u64) -> QueueError {
    unavailable(&format!(
        "it holds queue.max_mb = {} MB; see why it does not drain (`sendry-hub dead-letters list`, /readyz), or raise the limit",
        bytes_max / 1024 / 1024
    ))
}

/// How many rows each touched; none for an envelope that there is no room for.
async fn apply_group(
    file: &mut File,
    now: UnixMillis,
    group: &[Waiting],
) -> Result<Vec<Option<u64>>, sqlx::Error> {
    if let [Waiting { op: Op::Publish(topic, envelope), .. }] = group
        && file.take_known_room(envelope.body.len() as u64)
    {
        let mut connection = file.pool.acquire().await?;
        return Ok(vec![Some(publish(&mut connection, *topic, envelope).await?)]);
    }
    let removed: Vec<i64> = group.iter().filter_map(|waiting| waiting.op.removed()).collect();
    if removed.len() == group.len() {
        remove(&mut *file.pool.acquire().await?, &removed).await?;
        return Ok(vec![Some(1); group.len()]);
    }
    let mut tx = file.pool.begin_with("BEGIN IMMEDIATE").await?;
    if !removed.is_empty() {
        remove(&mut tx, &removed).await?;
    }
    let mut touched = Vec::with_capacity(group.len());
    for waiting in group {
        touched.push(apply(file, &mut tx, now, &waiting.op).await?);
    }
    tx.commit().await?;
    Ok(touched)
}

/// As [`apply_group`], of one; what is removed was removed before.
async fn apply(
    file: &mut File,
    tx: &mut SqliteConnection,
    now: UnixMillis,
    op: &Op,
) -> Result<Option<u64>, sqlx::Error> {
    let touched = match op {
        Op::Publish(_, envelope) if !file.take_room(tx, envelope.body.len() as u64).await? => {
            return Ok(None);
        }
        Op::Publish(topic, envelope) => publish(tx, *topic, envelope).await,
        Op::Remove(_) => Ok(1),
        Op::Retry(id) => {
            run_on_id(tx, "UPDATE envelopes SET attempts = attempts + 1 WHERE id = ?", *id).await
        }
        Op::Bury { id, reason, detail } => {
            // How much larger the dead letter is, is not counted.
            file.room = 0;
            bury(tx, *id, *reason, detail, now).await
        }
        Op::Replay(id) => {
            file.room = 0;
            replay(tx, *id).await
        }
        Op::DropDead(id) => drop_dead(tx, *id).await,
        Op::Probe => run_on_id(tx, "INSERT OR REPLACE INTO probe (id, at) VALUES (1, ?)", now).await,
    };
    touched.map(Some)
}

async fn remove(connection: &mut SqliteConnection, ids: &[i64]) -> Result<(), sqlx::Error> {
    let ids = serde_json::json!(ids).to_string();
    let sql = "DELETE FROM envelopes WHERE id IN (SELECT value FROM json_each(?))";
    sqlx::query(sql).bind(ids).execute(connection).await?;
    Ok(())
}

async fn run_on_id(tx: &mut SqliteConnection, sql: &'static str, id: i64) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query(sql).bind(id).execute(tx).await?.rows_affected())
}

async fn publish(tx: &mut SqliteConnection, topic: Topic, envelope: &Envelope) -> Result<u64, sqlx::Error> {
    let sql = format!(
        "INSERT INTO envelopes (topic, attempts, {}) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows::COLUMNS
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(rows::topic_id(topic));
    Ok(rows::bind_envelope(query, envelope).execute(tx).await?.rows_affected())
}

async fn bury(
    tx: &mut SqliteConnection,
    id: i64,
    reason: DeadLetterReason,
    detail: &str,
    now: UnixMillis,
) -> Result<u64, sqlx::Error> {
    let columns = rows::COLUMNS;
    let sql = format!(
        "INSERT INTO dead_letters (dead_id, topic, reason, detail, died_at, {columns}) \
         SELECT ?, topic, ?, ?, ?, {columns} FROM envelopes WHERE id = ?"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(Uuid::new_v4().as_bytes().to_vec());
    query.bind(reason.as_str()).bind(detail).bind(now).bind(id).execute(&mut *tx).await?;
    run_on_id(tx, "DELETE FROM envelopes WHERE id = ?", id).await
}

async fn replay(tx: &mut SqliteConnection, id: Uuid) -> Result<u64, sqlx::Error> {
    let columns = rows::COLUMNS;
    let sql = format!(
        "INSERT INTO envelopes (topic, attempts, {columns}) SELECT topic, 0, {columns} FROM dead_letters WHERE dead_id = ?"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(id.as_bytes().to_vec());
    query.execute(&mut *tx).await?;
    drop_dead(tx, id).await
}

async fn drop_dead(tx: &mut SqliteConnection, id: Uuid) -> Result<u64, sqlx::Error> {
    let query = sqlx::query("DELETE FROM dead_letters WHERE dead_id = ?").bind(id.as_bytes().to_vec());
    Ok(query.execute(tx).await?.rows_affected())
}
