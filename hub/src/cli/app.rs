//! `sendry-hub app create|list`.

use clap::Subcommand;
use serde_json::json;

use super::{Context, Failure, print, print_json, show_time};
use crate::app::connect_metadata;
use crate::auth::journal::{Change, cli, record};
use crate::query::keys::{check_name, make_app};

#[derive(Debug, Subcommand)]
pub(super) enum AppCommand {
    /// Creates an app and shows its write key, this once.
    Create {
        /// The app's name, for people; its id is what counts.
        name: String,
        /// Prints {"app_id","client_id","write_key"}.
        #[arg(long)]
        json: bool,
    },
    /// Lists the apps.
    List {
        /// Prints one JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(command: AppCommand, context: Context) -> Result<(), Failure> {
    let metadata = connect_metadata(&context.config).await?;
    let done = match command {
        AppCommand::Create { name, json } => {
            let name = check_name(&name).map_err(Failure::Usage)?;
            let app = make_app(&metadata, name, context.now()).await.map_err(Failure::failed)?;
            let change = Change::new("app.create").target(app.app_id, name).app(Some(app.app_id));
            record(&metadata, context.now(), cli(), change).await;
            match json {
                true => print_json(&app),
                false => print(format_args!(
                    "Created the app {name}.\n  app id:    {}\n  write key: {}   (shown this once)\n\n\
                     Set SENDRY_WRITE_KEY to the key where the app runs.",
                    app.app_id, app.write_key
                )),
            }
        }
        AppCommand::List { json } => {
            for app in metadata.apps().await.map_err(Failure::failed)? {
                match json {
                    true => print_json(
                        &json!({"app_id": app.app_id, "name": app.name, "created_at": app.created_at}),
                    )?,
                    false => print(format_args!(
                        "{}  {}  {}",
                        app.app_id,
                        show_time(Some(app.created_at)),
                        app.name
                    ))?,
                }
            }
            Ok(())
        }
    };
    metadata.close().await;
    done
}
