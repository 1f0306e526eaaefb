//! `sendry-hub token create|list|revoke`.

use clap::{Args, Subcommand};
use serde_json::json;
use uuid::Uuid;

use super::{Context, Failure, print, print_json, show_time};
use crate::admin::tokens::{CreatedToken, TokenRequest, creation, make_token};
use crate::app::connect_metadata;
use crate::auth::Role;
use crate::auth::journal::{Change, cli, record};
use crate::store::metadata::Metadata;

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Creates an API token and shows it, this once.
    Create(NewArguments),
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

#[derive(Debug, Args)]
pub(super) struct NewArguments {
    /// What the token is for.
    name: String,
    /// What it may do: viewer or editor.
    #[arg(long, default_value = "viewer")]
    role: Role,
    /// The app that it is for; the whole hub when absent.
    #[arg(long, value_name = "APP_ID")]
    app: Option<Uuid>,
    /// Days after which it ends; never when absent.
    #[arg(long, value_name = "DAYS")]
    expires_in_days: Option<i64>,
    /// Prints {"token"}.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: TokenCommand, context: Context) -> Result<(), Failure> {
    let metadata = connect_metadata(&context.config).await?;
    let done = match command {
        TokenCommand::Create(arguments) => create(&metadata, arguments, context.now()).await,
        TokenCommand::List { json } => list(&metadata, json, context.now()).await,
        TokenCommand::Revoke { id } => match metadata.revoke_token(id, context.now()).await {
            Ok(true) => {
                let change = Change::new("token.revoke").target(id, "");
                record(&metadata, context.now(), cli(), change).await;
                print("Revoked.")
            }
            Ok(false) => {
                Err(Failure::Failed(format!("there is no token {id}; `sendry-hub token list` shows all")))
            }
            Err(error) => Err(Failure::failed(error)),
        },
    };
    metadata.close().await;
    done
}

async fn create(metadata: &Metadata, arguments: NewArguments, now: i64) -> Result<(), Failure> {
    let NewArguments { name, role, app, expires_in_days, json } = arguments;
    check_app(metadata, app).await?;
    let new = TokenRequest { name, role: Some(role), app_id: app, expires_in_days };
    let (CreatedToken { token, .. }, stored) = make_token(&new, None, now).map_err(Failure::Usage)?;
    metadata.create_token(&stored).await.map_err(Failure::failed)?;
    record(metadata, now, cli(), creation(&stored)).await;
    match json {
        true => print_json(&json!({ "token": token })),
        false => print(format_args!(
            "{token}\n\nIt is shown this once. Send it as `Authorization: Bearer {token}`."
        )),
    }
}

/// Refuses an app that there is not.
pub(super) async fn check_app(metadata: &Metadata, app_id: Option<Uuid>) -> Result<(), Failure> {
    let Some(app_id) = app_id else { return Ok(()) };
    match metadata.app(app_id).await.map_err(Failure::failed)? {
        Some(_) => Ok(()),
        None => Err(Failure::Failed(format!("there is no app {app_id}; `sendry-hub app list` shows all"))),
    }
}

async fn list(metadata: &Metadata, json: bool, now: i64) -> Result<(), Failure> {
    for token in metadata.tokens().await.map_err(Failure::failed)? {
        let line = json!({
            "id": token.id, "name": token.name, "prefix": token.prefix, "created_at": token.created_at,
            "role": token.grant.role, "app_id": token.grant.app_id, "created_by": token.created_by.as_ref().map(|maker| &maker.email),
            "expires_at": token.expires_at, "last_used_at": token.last_used_at, "revoked_at": token.revoked_at,
        });
        let state = match (token.revoked_at, token.is_valid(now)) {
            (Some(_), _) => "revoked",
            (None, true) => "valid",
            (None, false) => "expired",
        };
        let scope = token.grant.app_id.map_or_else(|| "the whole hub".to_owned(), |id| format!("app {id}"));
        match json {
            true => print_json(&line)?,
            false => print(format_args!(
                "{}  {}…  {state}  {} of {scope}  last used {}  {}",
                token.id,
                token.prefix,
                token.grant.role.as_str(),
                show_time(token.last_used_at),
                token.name
            ))?,
        }
    }
    Ok(())
}
