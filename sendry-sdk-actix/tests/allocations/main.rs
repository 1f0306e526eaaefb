//! How many allocations a request costs. A binary of its own, because it counts every allocation of its process.

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::rt::System;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, Error};
use sendry_sdk::testing::TestTransport;
use sendry_sdk_actix::{Sendry, SendryMiddleware};

const REQUESTS: u64 = 1_000;

fn routes(app: &mut ServiceConfig) {
    let named = async || {
        sendry_sdk_actix::set_consumer("acme", None, None);
        "a body of known length"
    };
    let plain = async || "a body of known length";
    app.route("/plain/{id}", web::get().to(plain))
        .route("/with/{many}/parameters/{in}/its/{path}", web::get().to(plain))
        .route("/named/{id}", web::get().to(named));
}

/// Allocations of a request to `path`, the growth of tables being over.
fn count<S, B>(system: &actix_web::rt::SystemRunner, app: &S, path: &str) -> u64
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let send = || {
        let request = TestRequest::with_uri(path).to_request();
        drop(system.block_on(app.call(request)));
    };
    (0..100).for_each(|_| send());
    let counted = allocation_counter::measure(|| (0..REQUESTS).for_each(|_| send()));
    // A minute may end in between, and begins with a few allocations of its own.
    counted.count_total / REQUESTS
}

/// All but those of the caller are actix-web's own: it builds the pattern's text, which grows when it is longer than 24 bytes.
#[test]
fn a_request_costs_at_most_two_allocations_and_a_named_caller_one_more() {
    let system = System::new();
    let sendry = Sendry::builder().transport(TestTransport::new()).build().unwrap();
    let bare = system.block_on(init_service(App::new().configure(routes)));
    let counted =
        system.block_on(init_service(App::new().configure(routes).wrap(SendryMiddleware::new(&sendry))));
    let added = |path| count(&system, &counted, path) - count(&system, &bare, path);
    assert_eq!(added("/plain/1"), 1);
    assert_eq!(added("/with/1/parameters/2/its/3"), 2);
    assert_eq!(added("/named/1"), 2);
}
