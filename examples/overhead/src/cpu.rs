//! CPU time of threads, as Linux counts it.

use std::path::Path;

/// Nanoseconds on a core of this process's threads of that name.
pub fn thread_nanos(name: &str) -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux").flatten();
    let is_meant =
        |path: &Path| std::fs::read_to_string(path.join("comm")).is_ok_and(|known| known.trim() == name);
    tasks.filter(|task| is_meant(&task.path())).map(|task| nanos(task.path().join("schedstat"))).sum()
}

/// Nanoseconds on a core of the thread that asks.
pub fn own_nanos() -> f64 {
    nanos("/proc/thread-self/schedstat")
}

/// Nanoseconds on a core that a `schedstat` tells.
pub fn nanos(schedstat: impl AsRef<Path>) -> f64 {
    let text = std::fs::read_to_string(schedstat).unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default()
}
