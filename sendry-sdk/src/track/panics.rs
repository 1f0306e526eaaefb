//! Where a panic came from: an opt-in hook, in front of the one that is there.

use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;
use std::sync::Once;

use super::cause::Fault;
use super::context;

/// Records message, location and backtrace of panics in handlers, beside their being counted. It puts a hook in front of the
/// process's panic hook, which is called as before; panics outside of requests are left alone.
pub fn capture_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let next = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if context::is_active() {
                record(info);
            }
            next(info);
        }));
    });
}

fn record(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("a panic without a message");
    let mut fault = Fault::new("panic", message);
    if let Some(location) = info.location() {
        fault.set_location(location);
    }
    fault.set_backtrace(&Backtrace::force_capture());
    context::with_current(|context| context.failure.get_or_insert_default().fault = Some(fault));
}
