//! The applications under test: one router of thirty routes for each framework, bare and behind each middleware, set up as its
//! README says.

mod on_actix;
mod on_axum;

use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use clap::ValueEnum;
use sendry_sdk::Sendry;
use sendry_sdk::protocol::Accepted;
use sendry_sdk::transport::{Message, SendFuture, Transport};
use sentry::{ClientOptions, Envelope};

pub use on_actix::OnActix;
pub use on_axum::{AxumApp, OnAxum, router, served};

/// One framework's applications.
pub trait Variant: ValueEnum + Copy + PartialEq + Send + Sync + 'static {
    type App: App;

    const BARE: Self;
    const SENDRY: Self;
    /// What others are measured by: the Prometheus middleware, and OpenTelemetry's.
    const PEERS: [(Self, &'static str); 2];

    fn name(self) -> &'static str;

    /// Builds the application; inside a runtime.
    fn app(self) -> impl Future<Output = Self::App>;

    /// Gives each of several threads what serves its requests, as the framework's own server does.
    fn on_threads(self) -> impl Future<Output = impl Fn() -> LocalFuture<Self::App> + Sync>;
}

pub type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// An application, whatever is around it.
pub trait App {
    /// Sends one request and reads the response to its end.
    fn exchange(&self) -> impl Future<Output = ()>;
}

/// A variant of either framework, as it is named on the command line: `sendry`, `actix-sendry`.
#[derive(Debug, Clone, Copy)]
pub enum Named {
    Axum(OnAxum),
    Actix(OnActix),
}

impl FromStr for Named {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name.strip_prefix("actix-") {
            Some(name) => OnActix::from_str(name, false).map(Self::Actix),
            None => OnAxum::from_str(name, false).map(Self::Axum),
        }
    }
}

/// The path that is called.
pub const PATH: &str = "/api/users/17/orders/4711";

/// What is answered.
const ORDER: &str = "{\"order\":4711,\"state\":\"paid\"}";

/// The process's client, whose reports are taken at once: what is measured is the request's side.
pub fn sendry() -> Sendry {
    static SENDRY: OnceLock<Sendry> = OnceLock::new();
    *SENDRY
        .get_or_init(|| Sendry::builder().transport(Arc::new(Sink)).build().expect("the settings are valid"))
}

pub struct Sink;

impl Transport for Sink {
    fn send(&self, _message: Message) -> SendFuture<'_> {
        Box::pin(async { Ok(Accepted::default()) })
    }
}

fn install_meter() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let reader = opentelemetry_sdk::metrics::ManualReader::builder().build();
        let provider = opentelemetry_sdk::metrics::SdkMeterProvider::builder().with_reader(reader).build();
        opentelemetry::global::set_meter_provider(provider);
    });
}

/// Binds Sentry's client to the process, which samples every request and hands its envelopes to a transport that drops them.
fn install_sentry() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let options = ClientOptions::new()
            .dsn("https://public@localhost/1")
            .traces_sample_rate(1.0)
            .transport(|_: &ClientOptions| -> Arc<dyn sentry::Transport> { Arc::new(Sink) });
        // The client works until its guard is dropped; it is wanted until the process ends.
        std::mem::forget(sentry::init(options));
    });
}

impl sentry::Transport for Sink {
    fn send_envelope(&self, _envelope: Envelope) {}
}
