//! Where a panic came from: an opt-in hook, in front of the one that is there.

use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;
use std::sync::Once;

use super::context::{self, Fault};
use crate::protocol::limits;
use crate::text;

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
    let backtrace = Backtrace::force_capture().to_string();
    let fault = Fault {
        kind: "panic".to_owned(),
        message: message.chars().take(limits::MESSAGE_CHARS_MAX).collect(),
        location: info.location().map(ToString::to_string),
        backtrace: Some(text::cut(&backtrace, limits::BACKTRACE_BYTES_MAX).to_owned()),
    };
    context::with_current(|context| context.failure.get_or_insert_default().fault = Some(fault));
}
