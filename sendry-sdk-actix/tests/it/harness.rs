use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::ServiceConfig;
use actix_web::{App, Error};
use sendry_sdk::testing::{Counted, TestTransport};
use sendry_sdk_actix::{Sendry, SendryMiddleware};

/// A client whose hub keeps what it is sent.
pub struct TestHub {
    pub sendry: Sendry,
    pub hub: Arc<TestTransport>,
}

impl TestHub {
    pub fn new() -> Self {
        let hub = TestTransport::new();
        Self { sendry: Sendry::builder().transport(hub.clone()).build().unwrap(), hub }
    }

    /// Method, path, status and count of all that was counted, sorted.
    pub async fn summary(&self) -> Vec<(String, String, u16, u64)> {
        self.sendry.flush().await.unwrap();
        // A minute may end in between.
        let mut rows = BTreeMap::new();
        for Counted { method, path, series, .. } in self.hub.counted() {
            *rows.entry((method, path, series.status)).or_default() += series.count;
        }
        rows.into_iter().map(|((method, path, status), count)| (method, path, status, count)).collect()
    }

    /// Builds an instrumented application with `configure` and asks it for each of `targets`; returns what it answered.
    pub async fn ask<const N: usize>(
        &self,
        configure: fn(&mut ServiceConfig),
        targets: [&str; N],
    ) -> [(u16, Vec<u8>); N] {
        let app = App::new().configure(configure).wrap(SendryMiddleware::new(&self.sendry));
        let app = init_service(app).await;
        let mut answers = Vec::new();
        for target in targets {
            answers.push(call(&app, TestRequest::with_uri(target)).await);
        }
        answers.try_into().unwrap()
    }
}

/// Sends a request and reads the response to its end.
pub async fn call<S, B>(app: &S, request: TestRequest) -> (u16, Vec<u8>)
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    let response = app.call(request.to_request()).await.unwrap();
    let status = response.status().as_u16();
    let body: BoxBody = response.into_body().boxed();
    (status, to_bytes(body).await.unwrap().to_vec())
}

pub fn row(method: &str, path: &str, status: u16, count: u64) -> (String, String, u16, u64) {
    (method.to_owned(), path.to_owned(), status, count)
}
