//! How the process begins and ends: with an allocator that gives large buffers back; asked to by SIGTERM or SIGINT, made to by
//! a second one.

use std::os::unix::process::CommandExt;
use std::process::Command;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end the process.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes the signals over from now on.
    pub fn install() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Returns the name of the first one that comes.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// What glibc reads before `main` begins.
const TUNABLES: &str = "GLIBC_TUNABLES";

/// Buffers from this size on are mapped by themselves and given back when they are freed. Left alone, glibc raises the limit to
/// the largest buffer it ever freed, and a few messages of 30 MB stay in memory for ever.
const MMAP_THRESHOLD: &str = "glibc.malloc.mmap_threshold=131072";

/// Replaces the process by itself with [`MMAP_THRESHOLD`], unless the variable is set already. To be called before anything else
/// is done; where it does not work, the process goes on as it is.
pub fn settle_allocator() {
    if !cfg!(target_env = "gnu") || std::env::var_os(TUNABLES).is_some() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        // Returns only when it failed.
        let _ = Command::new(program).args(std::env::args_os().skip(1)).env(TUNABLES, MMAP_THRESHOLD).exec();
    }
}
