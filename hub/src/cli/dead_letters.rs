//! `sendry-hub dead-letters list|show|replay|drop`, also beside a running hub: the embedded queue lets other processes
//! work on its dead letters, and the hub finds what was replayed within seconds.

use clap::Subcommand;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Context, Failure, print, print_json, show_time};
use crate::app::connect_dead_letters;
use crate::metrics::topic_name;
use crate::queue::{DeadLetter, DeadLetters, QueueError};

/// Dead letters read at once.
const PAGE: usize = 100;

#[derive(Debug, Subcommand)]
pub(super) enum DeadLettersCommand {
    /// Lists the dead letters, the oldest first.
    List {
        /// Prints one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Shows one with its body.
    Show {
        id: Uuid,
        /// Prints one JSON object; the body in hexadecimal.
        #[arg(long)]
        json: bool,
    },
    /// Puts one back into its queue, or all of them.
    Replay(Which),
    /// Deletes one for ever, or all of them.
    Drop(Which),
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    /// The id that `list` shows.
    id: Option<Uuid>,
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(command: DeadLettersCommand, context: Context) -> Result<(), Failure> {
    let queue = connect_dead_letters(&context.config, &context.clock).await?;
    let letters = queue.dead_letters.as_ref();
    let done = match command {
        DeadLettersCommand::List { json } => list(letters, json).await,
        DeadLettersCommand::Show { id, json } => show(letters, id, json).await,
        DeadLettersCommand::Replay(which) => each(letters, &which, Action::Replay).await,
        DeadLettersCommand::Drop(which) => each(letters, &which, Action::Drop).await,
    };
    queue.health.close().await;
    done
}

async fn list(letters: &dyn DeadLetters, json: bool) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = letters.list(after, PAGE).await.map_err(Failure::failed)?;
        if page.is_empty() && after.is_none() && !json {
            print("There are no dead letters.")?;
        }
        for letter in &page {
            match json {
                true => print_json(&describe(letter))?,
                false => print(one_line(letter))?,
            }
        }
        after = page.last().map(|letter| letter.id);
        if page.len() < PAGE {
            return Ok(());
        }
    }
}

async fn show(letters: &dyn DeadLetters, id: Uuid, json: bool) -> Result<(), Failure> {
    let letter = letters.show(id).await.map_err(Failure::failed)?.ok_or_else(|| missing(id))?;
    if json {
        let mut described = describe(&letter);
        described["body_hex"] = Value::from(hex::encode(&letter.envelope.body));
        return print_json(&described);
    }
    let text = crate::ingest::unpack_text(letter.envelope.encoding, &letter.envelope.body);
    print(format_args!(
        "{}\n\n{}",
        one_line(&letter),
        text.unwrap_or_else(|| "(the body is no text)".to_owned())
    ))
}

#[derive(Clone, Copy)]
enum Action {
    Replay,
    Drop,
}

impl Action {
    async fn apply(self, letters: &dyn DeadLetters, id: Uuid) -> Result<bool, QueueError> {
        match self {
            Self::Replay => letters.replay(id).await,
            Self::Drop => letters.discard(id).await,
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Replay => "Replayed",
            Self::Drop => "Dropped",
        }
    }
}

/// Applies the action to one, or to all that are there now: one that dies again is not taken twice.
async fn each(letters: &dyn DeadLetters, which: &Which, action: Action) -> Result<(), Failure> {
    let Some(id) = which.id else {
        let count = apply_to_all(letters, action).await.map_err(Failure::failed)?;
        return print(format_args!("{} {count}.", action.done()));
    };
    match action.apply(letters, id).await.map_err(Failure::failed)? {
        true => print(format_args!("{} {id}.", action.done())),
        false => Err(missing(id)),
    }
}

async fn apply_to_all(letters: &dyn DeadLetters, action: Action) -> Result<usize, QueueError> {
    let mut ids = Vec::new();
    loop {
        let page = letters.list(ids.last().copied(), PAGE).await?;
        ids.extend(page.iter().map(|letter| letter.id));
        if page.len() < PAGE {
            break;
        }
    }
    let mut count = 0;
    for id in ids {
        count += usize::from(action.apply(letters, id).await?);
    }
    Ok(count)
}

fn missing(id: Uuid) -> Failure {
    Failure::Failed(format!("there is no dead letter {id}; `sendry-hub dead-letters list` shows all"))
}

fn describe(letter: &DeadLetter) -> Value {
    let envelope = &letter.envelope;
    json!({
        "id": letter.id, "topic": topic_name(letter.topic), "reason": letter.reason.as_str(), "detail": letter.detail,
        "died_at": letter.died_at.div_euclid(1_000), "accepted_at": envelope.accepted_at.div_euclid(1_000),
        "app_id": envelope.app_id, "kind": envelope.kind.as_str(), "encoding": envelope.encoding.as_str(),
        "body_bytes": envelope.body.len(),
    })
}

fn one_line(letter: &DeadLetter) -> String {
    let died_at = show_time(Some(letter.died_at.div_euclid(1_000)));
    let kind = letter.envelope.kind.as_str();
    format!(
        "{}  {died_at}  app {}  {kind}  {}: {}",
        letter.id,
        letter.envelope.app_id,
        letter.reason.as_str(),
        letter.detail
    )
}
