//! The layer that hears what the application tells `tracing`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::told::{self, SpanTold};
use super::visit::Visitor;
use super::{Detail, IS_HEARD};
use crate::protocol::LossReason;
use crate::track::current_detail;

/// A layer that adds the application's log events and spans, from `INFO` on, to the request logs they belong to. Handlers need no
/// change: whatever they, and what they call, tell `tracing` is shown with their request.
///
/// ```
/// use sendry_sdk::request_log;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let subscriber = tracing_subscriber::registry().with(request_log::layer());
/// # drop(subscriber);
/// // tracing::subscriber::set_global_default(subscriber)?;
/// ```
///
/// It stands beside other layers, such as `tracing_subscriber::fmt::layer()`, and takes nothing from them. For another level or a
/// filter of your own, add [`RequestLogLayer`] with a filter. See there for what is heard.
pub fn layer<S>() -> impl Layer<S> + Send + Sync + 'static
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    RequestLogLayer::new().with_filter(LevelFilter::INFO)
}

/// The same without a filter: all levels, unless it gets one.
///
/// ```
/// use sendry_sdk::request_log::RequestLogLayer;
/// use tracing_subscriber::filter::{LevelFilter, Targets};
/// use tracing_subscriber::{Layer, layer::SubscriberExt};
///
/// let ours = Targets::new().with_target("shop", LevelFilter::DEBUG).with_default(LevelFilter::WARN);
/// let subscriber = tracing_subscriber::registry().with(RequestLogLayer::new().with_filter(ours));
/// # drop(subscriber);
/// ```
///
/// A span that begins while a request is served belongs to it, and all that happens in it: in other tasks, by
/// `tokio::spawn(work.instrument(span))`, and on other threads, by `span.in_scope(…)`. A task that is spawned without a span
/// belongs to no request. What comes after the end of the request's response is not shown.
///
/// A request keeps 200 events, of which 50 are left to warnings and errors, 200 spans, and 64 KiB of texts; what goes beyond is
/// counted in its log. Values whose names [`RequestLogs::mask_fields`](super::super::RequestLogs::mask_fields) and the default list
/// mean are masked; messages are texts and are not, so do not write secrets into them.
///
/// While requests are not logged it costs a look at the thread for each event and span.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RequestLogLayer {}

impl RequestLogLayer {
    /// A layer without a filter.
    #[expect(clippy::new_without_default, reason = "making one has an effect")]
    pub fn new() -> Self {
        IS_HEARD.store(true, Ordering::Relaxed);
        Self {}
    }
}

/// What a span of a request remembers.
struct InRequest {
    detail: Arc<Detail>,
    /// Its number; none when it was cut.
    number: Option<u32>,
    /// Its number, or that of the innermost span around it that was not cut: to it belongs what happens in here.
    nearest: Option<u32>,
    /// How many times it is entered just now.
    entered: u32,
    /// When it was entered, in microseconds since the request's arrival.
    entered_us: u64,
    busy_us: u64,
}

impl<S> Layer<S> for RequestLogLayer
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let Some((detail, parent)) = request_of(span.parent()) else { return };
        let Some(said) = read(&detail, |visitor| attributes.record(visitor)) else { return };
        let metadata = attributes.metadata();
        let number = detail.note(|told, offset_us| told.push_span(begun(metadata, parent, offset_us, said)));
        let Some(number) = number else { return };
        let nearest = number.or(parent);
        let in_request = InRequest { detail, number, nearest, entered: 0, entered_us: 0, busy_us: 0 };
        span.extensions_mut().replace(in_request);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        // A value may log while it is formatted, so nothing of the span is held meanwhile.
        let known = span.extensions().get::<InRequest>().map(|known| (known.detail.clone(), known.number));
        let Some((detail, Some(number))) = known else { return };
        let Some(said) = read(&detail, |visitor| values.record(visitor)) else { return };
        detail.note(|told, _| {
            told.record(number, said.fields);
            if said.failed {
                told.fail(Some(number));
            }
        });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some((detail, span)) = request_of(context.event_span(event)) else { return };
        let Some(said) = read(&detail, |visitor| event.record(visitor)) else { return };
        let metadata = event.metadata();
        detail.note(|told, offset_us| {
            told.push_log(told::Event {
                offset_us,
                level: *metadata.level(),
                target: said.target.unwrap_or(metadata.target().into()),
                message: said.message,
                span,
                fields: said.fields,
            });
        });
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        with_known(id, &context, |known| {
            if known.entered == 0 {
                known.entered_us = known.detail.note(|_, offset_us| offset_us).unwrap_or_default();
            }
            known.entered = known.entered.saturating_add(1);
        });
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        with_known(id, &context, |known| {
            known.entered = known.entered.saturating_sub(1);
            if known.entered == 0
                && let Some(now_us) = known.detail.note(|_, offset_us| offset_us)
            {
                known.busy_us = known.busy_us.saturating_add(now_us.saturating_sub(known.entered_us));
            }
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        with_known(&id, &context, |known| {
            if let Some(number) = known.number {
                known.detail.note(|told, offset_us| told.close(number, offset_us, known.busy_us));
            }
        });
    }
}

/// The request to which something in the span belongs, and the span's number in it.
fn request_of<S>(span: Option<SpanRef<'_, S>>) -> Option<(Arc<Detail>, Option<u32>)>
where
    S: for<'lookup> LookupSpan<'lookup>,
{
    let known = |span: SpanRef<'_, S>| {
        let extensions = span.extensions();
        let known = extensions.get::<InRequest>()?;
        // A span that outlives its request, such as that of a pool, may be entered in later ones.
        known.detail.is_open().then(|| (known.detail.clone(), known.nearest))
    };
    span.and_then(known).or_else(|| Some((current_detail()?, None)))
}

fn with_known<S>(id: &Id, context: &Context<'_, S>, change: impl FnOnce(&mut InRequest))
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let Some(span) = context.span(id) else { return };
    if let Some(known) = span.extensions_mut().get_mut::<InRequest>() {
        change(known);
    }
}

/// Formats the application's values. One that panics is counted and costs the event or span, nothing else.
fn read(detail: &Detail, record: impl FnOnce(&mut Visitor)) -> Option<Visitor> {
    let mut visitor = Visitor::default();
    let outcome = catch_unwind(AssertUnwindSafe(|| record(&mut visitor)));
    if outcome.is_err() {
        detail.client.losses.record(LossReason::CallbackPanicked, 1);
        return None;
    }
    Some(visitor)
}

fn begun(
    metadata: &'static Metadata<'static>,
    parent: Option<u32>,
    offset_us: u64,
    said: Visitor,
) -> SpanTold {
    SpanTold {
        parent,
        name: metadata.name(),
        target: metadata.target(),
        offset_us,
        duration_us: None,
        busy_us: 0,
        failed: said.failed,
        fields: said.fields,
    }
}
