//! `sendry-hub user create`: the password comes on standard input, so that it stands in no history and no process list.

use std::io::BufRead;

use clap::Subcommand;
use uuid::Uuid;

use super::token::check_app;
use super::{Context, Failure, print};
use crate::app::connect_metadata;
use crate::auth::journal::{Change, cli, record};
use crate::auth::{Grant, Role, is_email, new_user, password};
use crate::store::metadata::{Metadata, User};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Creates a user; the password is read from standard input.
    Create {
        email: String,
        /// What the user may do: each role may do what the ones before it may.
        #[arg(long)]
        role: Role,
        /// The app on which the role is held; the whole hub when absent.
        #[arg(long, value_name = "APP_ID")]
        app: Option<Uuid>,
    },
}

pub(super) async fn run(command: UserCommand, context: Context) -> Result<(), Failure> {
    let UserCommand::Create { email, role, app } = command;
    if !is_email(&email) {
        return Err(Failure::Usage(format!("{email:?} is no e-mail address")));
    }
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password).map_err(Failure::failed)?;
    let password = password.trim_end_matches(['\r', '\n']);
    password::check(password)
        .map_err(|error| Failure::Usage(format!("{error}; give it on standard input")))?;
    let hash = password::hash(password).map_err(Failure::failed)?;
    let user = new_user(&email, Grant { role, app_id: app }, hash, context.now());
    let metadata = connect_metadata(&context.config).await?;
    let created = create(&metadata, &user, app, context.now()).await;
    metadata.close().await;
    created?;
    print(format_args!("Created {} as {}.", user.email, role.as_str()))
}

async fn create(metadata: &Metadata, user: &User, app: Option<Uuid>, now: i64) -> Result<(), Failure> {
    check_app(metadata, app).await?;
    if !metadata.create_user(user).await.map_err(Failure::failed)? {
        return Err(Failure::Failed(format!("there is a user {} already", user.email)));
    }
    let role = user.grants.first().map(|grant| grant.role.as_str());
    let change = Change::new("user.create").target(user.id, &user.email).app(app).detail("role", role);
    record(metadata, now, cli(), change).await;
    Ok(())
}
