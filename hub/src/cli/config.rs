//! `sendry-hub config check|print|reference`.

use clap::Subcommand;

use super::{Failure, print};
use crate::config::{ConfigError, Loaded, reference};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Tells whether the hub would start with the configuration as it is.
    Check,
    /// Prints every setting, its value and where it came from. URLs, which may hold passwords, are hidden.
    Print,
    /// Prints the reference of all settings as Markdown.
    Reference,
}

pub(super) fn run(
    command: &ConfigCommand,
    load: impl FnOnce() -> Result<Loaded, ConfigError>,
) -> Result<(), Failure> {
    match command {
        ConfigCommand::Check => {
            load().map_err(Failure::from).and_then(|_| print("The configuration is valid."))
        }
        ConfigCommand::Reference => print(reference().trim_end()),
        ConfigCommand::Print => {
            for (setting, value, origin) in load()?.values {
                let value = value.unwrap_or_else(|| "(none)".to_owned());
                print(format_args!("{} = {value}  # {origin}", setting.key))?;
            }
            Ok(())
        }
    }
}
