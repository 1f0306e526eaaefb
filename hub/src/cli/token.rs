//! `sendry-hub token create|list|revoke`.

use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

use super::{Context, Failure, print, print_json, show_time};
use crate::app::connect_metadata;
use crate::auth::secret;
use crate::store::metadata::{Metadata, NewToken};

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Creates a read token for the query API and shows it, this once.
    Create {
        /// What the token is for.
        name: String,
        /// Prints {"token"}.
        #[arg(long)]
        json: bool,
    },
    /// Lists the tokens, without their secrets.
    List {
        /// Prints one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Revokes a token: within seconds it reads nothing any more.
    Revoke {
        /// The id that `list` shows.
        id: Uuid,
    },
}

pub(super) async fn run(command: TokenCommand, context: Context) -> Result<(), Failure> {
    let metadata = connect_metadata(&context.config).await?;
    let done = match command {
        TokenCommand::Create { name, json } => create(&metadata, name, json, context.now()).await,
        TokenCommand::List { json } => list(&metadata, json).await,
        TokenCommand::Revoke { id } => match metadata.revoke_token(id, context.now()).await {
            Ok(true) => print("Revoked."),
            Ok(false) => {
                Err(Failure::Failed(format!("there is no token {id}; `sendry-hub token list` shows all")))
            }
            Err(error) => Err(Failure::failed(error)),
        },
    };
    metadata.close().await;
    done
}

async fn create(metadata: &Metadata, name: String, json: bool, now: i64) -> Result<(), Failure> {
    let token = secret::generate(secret::TOKEN_PREFIX);
    let (hash, prefix) = (secret::hash(&token), secret::shown(&token));
    let new = NewToken { id: Uuid::now_v7(), name, hash, prefix, created_at: now };
    metadata.create_token(&new).await.map_err(Failure::failed)?;
    match json {
        true => print_json(&json!({ "token": token })),
        false => print(format_args!(
            "{token}\n\nIt is shown this once. Send it as `Authorization: Bearer {token}`."
        )),
    }
}

async fn list(metadata: &Metadata, json: bool) -> Result<(), Failure> {
    for token in metadata.tokens().await.map_err(Failure::failed)? {
        let line = json!({
            "id": token.id, "name": token.name, "prefix": token.prefix, "created_at": token.created_at,
            "last_used_at": token.last_used_at, "revoked_at": token.revoked_at,
        });
        let state = if token.revoked_at.is_some() { "revoked" } else { "valid" };
        match json {
            true => print_json(&line)?,
            false => print(format_args!(
                "{}  {}…  {state}  last used {}  {}",
                token.id,
                token.prefix,
                show_time(token.last_used_at),
                token.name
            ))?,
        }
    }
    Ok(())
}
