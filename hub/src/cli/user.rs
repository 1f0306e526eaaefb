//! `sendry-hub user create`: the password comes on standard input, so that it stands in no history and no process list.

use std::io::BufRead;

use clap::Subcommand;

use super::{Context, Failure, print};
use crate::app::connect_metadata;
use crate::auth::{Role, is_email, new_user, password};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Creates a user; the password is read from standard input.
    Create {
        email: String,
        /// What the user may do: each role may do what the ones before it may.
        #[arg(long)]
        role: Role,
    },
}

pub(super) async fn run(command: UserCommand, context: Context) -> Result<(), Failure> {
    let UserCommand::Create { email, role } = command;
    if !is_email(&email) {
        return Err(Failure::Usage(format!("{email:?} is no e-mail address")));
    }
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password).map_err(Failure::failed)?;
    let password = password.trim_end_matches(['\r', '\n']);
    password::check(password)
        .map_err(|error| Failure::Usage(format!("{error}; give it on standard input")))?;
    let hash = password::hash(password).map_err(Failure::failed)?;
    let user = new_user(&email, role, hash, context.now());
    let metadata = connect_metadata(&context.config).await?;
    let created = metadata.create_user(&user).await;
    metadata.close().await;
    match created {
        Ok(true) => print(format_args!("Created {} as {}.", user.email, role.as_str())),
        Ok(false) => Err(Failure::Failed(format!("there is a user {} already", user.email))),
        Err(error) => Err(Failure::failed(error)),
    }
}
