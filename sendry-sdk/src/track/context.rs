//! What a request says of itself while its handler runs: who called, and what went wrong.
//!
//! The context stands on the thread while the request's future or body is polled, and in the tracker between polls. So the
//! functions here work anywhere in the task of the handler, and in no other: a task that the handler spawns has none.

use std::cell::{Cell, RefCell};
use std::error::Error;

use super::cause::{ErrorCause, Fault};
use crate::protocol::limits;
use crate::text::cut;
use crate::validation::{FIELDS_PER_RESPONSE_MAX, FieldError};

/// What was said about one request. It is empty, and takes no memory, for most.
#[derive(Debug, Default)]
pub(crate) struct Context {
    /// Identifier, name and group, each ended by [`SEPARATOR`]: one allocation.
    pub(crate) consumer: Option<Box<str>>,
    pub(crate) failure: Option<Box<Failure>>,
    /// What the application tells `tracing`, where the request is logged.
    #[cfg(feature = "tracing")]
    pub(crate) detail: Option<std::sync::Arc<crate::request_log::Detail>>,
}

/// What the application says of a request that failed, and what of its words was left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failure {
    pub(crate) fault: Option<Fault>,
    pub(crate) fields: Vec<FieldError>,
    /// Fields beyond the limit.
    pub(crate) fields_dropped: u64,
    /// Texts that were cut, but for those of the fault.
    pub(crate) cuts: u64,
}

impl Failure {
    pub(super) fn add_fields(&mut self, errors: Vec<FieldError>) {
        let room = FIELDS_PER_RESPONSE_MAX.saturating_sub(self.fields.len());
        self.fields_dropped += errors.len().saturating_sub(room) as u64;
        self.fields.extend(errors.into_iter().take(room));
    }
}

/// Fields that are taken from the application at once, so that one that never ends does: those beyond the limit are counted.
const FIELDS_TOLD_MAX: usize = 100 * FIELDS_PER_RESPONSE_MAX;

/// Divides the parts of a consumer; the application's own are freed of it.
pub(crate) const SEPARATOR: char = '\u{1f}';

thread_local! {
    static ACTIVE: Cell<Active> = const { Cell::new(Active { number: 0, said: false }) };
    /// What was said since the running poll began.
    static CURRENT: RefCell<Context> = const { RefCell::new(Context::EMPTY) };
}

/// The request that is being polled on this thread.
#[derive(Debug, Clone, Copy)]
struct Active {
    /// The number of the client that counts it; 0 for none.
    number: u32,
    /// Whether it said something, so that most polls need not look.
    said: bool,
}

/// Names the caller of the request whose handler runs: an identifier that stays the same, a name for people and a group, such
/// as a plan or a tenant, where there are any. Outside of a handler it does nothing.
///
/// ```
/// // In a handler, an extractor or a middleware:
/// sendry_sdk::set_consumer("acme", Some("Acme Inc."), Some("enterprise"));
/// sendry_sdk::set_consumer("user-4711", None, None);
/// ```
///
/// Each of the three is cut to 128 bytes, which is counted as a loss.
pub fn set_consumer(identifier: &str, name: Option<&str>, group: Option<&str>) {
    if !is_active() || identifier.trim().is_empty() {
        return;
    }
    let mut consumer =
        String::with_capacity(identifier.len() + name.map_or(0, str::len) + group.map_or(0, str::len) + 3);
    let mut cuts = 0;
    for part in [Some(identifier), name, group] {
        let whole = part.unwrap_or_default().trim();
        let part = cut(whole, limits::TEXT_BYTES_MAX);
        cuts += u64::from(part.len() < whole.len());
        consumer.extend(part.chars().filter(|c| !c.is_control()));
        consumer.push(SEPARATOR);
    }
    with_current(|context| {
        context.consumer = Some(consumer.into_boxed_str());
        if cuts > 0 {
            context.failure.get_or_insert_default().cuts = cuts;
        }
    });
}

/// Says why the request whose handler runs fails; shown with its 5xx. Call it where the error becomes a response:
///
/// ```
/// # struct AppError(std::io::Error);
/// impl From<AppError> for http::StatusCode {
///     fn from(AppError(error): AppError) -> Self {
///         sendry_sdk::report_error(&error);
///         Self::INTERNAL_SERVER_ERROR
///     }
/// }
/// ```
///
/// The message is that of the error and its causes; of `anyhow`'s and `eyre`'s errors, which are none by their type, it is
/// `report_error(&*error)`. Outside of a handler it does nothing: [`ErrorCause`] is for there.
pub fn report_error<E: Error + ?Sized>(error: &E) {
    if !is_active() {
        return;
    }
    say_fault(ErrorCause::new(error));
}

/// The same, with a type and a message of the application's own.
pub fn report_error_as(kind: &str, message: &str) {
    if is_active() {
        say_fault(ErrorCause::of(kind, message));
    }
}

fn say_fault(ErrorCause(fault): ErrorCause) {
    with_current(|context| context.failure.get_or_insert_default().fault = Some(fault));
}

/// Adds fields that failed validation to the requests whose handler runs, up to a limit.
pub(crate) fn add_validation_errors(errors: impl IntoIterator<Item = FieldError>) {
    if is_active() {
        // Before the context is borrowed: the application's iterator may speak of the request too.
        let errors = errors.into_iter().take(FIELDS_TOLD_MAX).collect();
        with_current(|context| context.failure.get_or_insert_default().add_fields(errors));
    }
}

/// Changes the context of the request that is polled on this thread, if there is one.
pub(super) fn with_current(change: impl FnOnce(&mut Context)) {
    if !is_active() {
        return;
    }
    ACTIVE.set(Active { said: true, ..ACTIVE.get() });
    // Fails while the thread ends, or in a panic within the change itself; then there is nothing to say.
    _ = CURRENT.try_with(|current| current.try_borrow_mut().map(|mut context| change(&mut context)));
}

/// Whether a request is being polled on this thread.
pub(super) fn is_active() -> bool {
    ACTIVE.get().number != 0
}

/// Whether a request of client `number` is being polled on this thread.
#[inline]
pub(super) fn is_active_for(number: u32) -> bool {
    ACTIVE.get().number == number
}

/// Marks a request as being polled on this thread, and takes what was said at the end, also when a panic passes through.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    context: &'a mut Context,
    outer: Active,
    /// What the outer request, of another client, said in this poll before.
    outer_said: Option<Context>,
}

impl<'a> Scope<'a> {
    #[inline]
    pub(super) fn enter(number: u32, context: &'a mut Context) -> Self {
        let outer = ACTIVE.replace(Active { number, said: false });
        let outer_said = if outer.said { Some(take_said()) } else { None };
        #[cfg(feature = "tracing")]
        if context.detail.is_some() {
            lend_detail(context);
        }
        Self { context, outer, outer_said }
    }
}

impl Scope<'_> {
    /// Keeps what was said. A request of another client around it, which is the same request, hears it too.
    #[cold]
    fn hear(&mut self, said: Context) {
        if self.outer.number != 0 {
            let mut outer = self.outer_said.take().unwrap_or_default();
            outer.hear(said.without_detail());
            with_current(|current| *current = outer);
        }
        self.context.hear(said);
    }
}

impl Drop for Scope<'_> {
    #[inline]
    fn drop(&mut self) {
        let own = ACTIVE.replace(self.outer);
        if own.said {
            self.hear(take_said());
        } else if let Some(said) = self.outer_said.take() {
            _ = CURRENT.try_with(|current| current.replace(said));
        }
    }
}

/// Puts the detail where [`current_detail`] finds it; it comes back with what is said.
#[cfg(feature = "tracing")]
#[cold]
fn lend_detail(context: &mut Context) {
    let detail = context.detail.take();
    with_current(|current| current.detail = detail);
}

/// The detail of the request that is polled on this thread, where it is logged.
#[cfg(feature = "tracing")]
pub(crate) fn current_detail() -> Option<std::sync::Arc<crate::request_log::Detail>> {
    if !is_active() {
        return None;
    }
    CURRENT.try_with(|current| current.try_borrow().ok()?.detail.clone()).ok().flatten()
}

#[cold]
fn take_said() -> Context {
    CURRENT.try_with(RefCell::take).unwrap_or_default()
}

impl Context {
    const EMPTY: Self = Self {
        consumer: None,
        failure: None,
        #[cfg(feature = "tracing")]
        detail: None,
    };

    /// A copy for another client, which logs the request on its own or not at all.
    fn without_detail(&self) -> Self {
        Self {
            consumer: self.consumer.clone(),
            failure: self.failure.clone(),
            #[cfg(feature = "tracing")]
            detail: None,
        }
    }

    /// The last word on each matter holds; field errors add up.
    fn hear(&mut self, said: Self) {
        self.consumer = said.consumer.or(self.consumer.take());
        #[cfg(feature = "tracing")]
        if said.detail.is_some() {
            self.detail = said.detail;
        }
        if let Some(said) = said.failure {
            let failure = self.failure.get_or_insert_default();
            failure.fault = said.fault.or(failure.fault.take());
            failure.add_fields(said.fields);
            failure.fields_dropped += said.fields_dropped;
            failure.cuts = failure.cuts.max(said.cuts);
        }
    }
}
