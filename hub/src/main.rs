#![forbid(unsafe_code)]
//! The `sendry-hub` binary; everything is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    sendry_hub::cli::run()
}
