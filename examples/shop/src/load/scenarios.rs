//! What visitors do: most look, some buy, a few are a nuisance.

use std::time::Duration;

use http::Method;
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::visitor::Visitor;
use crate::auth::ADMIN_KEY;
use crate::state::{PRODUCTS, Shop};

#[derive(Clone, Copy)]
enum Scenario {
    Browse,
    Search,
    Buy,
    Account,
    Operate,
    Webhook,
    Crawl,
    Fumble,
    HangUp,
    Probe,
}

/// How often each is chosen, in parts of 100.
const WEIGHTS: [(Scenario, u32); 10] = [
    (Scenario::Browse, 41),
    (Scenario::Search, 20),
    (Scenario::Buy, 14),
    (Scenario::Account, 9),
    (Scenario::Operate, 4),
    (Scenario::Webhook, 4),
    (Scenario::Crawl, 1),
    (Scenario::Fumble, 1),
    (Scenario::HangUp, 2),
    (Scenario::Probe, 4),
];

/// Walks through the shop for ever.
pub(super) async fn walk(mut visitor: Visitor) {
    loop {
        let Ok((scenario, _)) = WEIGHTS.choose_weighted(&mut rand::rng(), |(_, weight)| *weight) else {
            return;
        };
        visitor.token = None;
        // A scenario ends early where an answer lacks what the next step needs.
        let _finished: Option<()> = match scenario {
            Scenario::Browse => browse(&visitor).await,
            Scenario::Search => search(&visitor).await,
            Scenario::Buy => buy(&mut visitor).await,
            Scenario::Account => account(&mut visitor).await,
            Scenario::Operate => operate(&mut visitor).await,
            Scenario::Webhook => webhook(&visitor).await,
            Scenario::Crawl => crawl(&visitor).await,
            Scenario::Fumble => fumble(&mut visitor).await,
            Scenario::HangUp => hang_up(&mut visitor).await,
            Scenario::Probe => visitor.get("/healthz").await.map(drop),
        };
    }
}

/// A number below `end`, small ones more often: some products are popular.
fn popular(end: u64) -> u64 {
    let u: f64 = rand::rng().random();
    1 + (u * u * end as f64) as u64
}

fn chance(share: f64) -> bool {
    rand::rng().random_bool(share)
}

async fn browse(visitor: &Visitor) -> Option<()> {
    visitor.get("/api/v1/categories").await?;
    let category = Shop::categories().choose(&mut rand::rng())?;
    visitor.get(&format!("/api/v1/categories/{category}")).await?;
    visitor.get(&format!("/api/v1/products?page={}", popular(6) - 1)).await?;
    for _ in 0..3 {
        // A few links point at products that are gone.
        let product = popular(PRODUCTS + 8);
        visitor.get(&format!("/api/v1/products/{product}")).await?;
        if chance(0.5) {
            visitor.get(&format!("/api/v1/products/{product}/reviews")).await?;
        }
        if chance(0.3) {
            visitor.get(&format!("/api/v1/products/{product}/related")).await?;
        }
    }
    Some(())
}

async fn search(visitor: &Visitor) -> Option<()> {
    let word = ["lamp", "kettle", "spade", "atlas", "puzzle", "mug", "zeppelin"].choose(&mut rand::rng())?;
    for letters in 1..=3 {
        visitor.get(&format!("/api/v1/search/suggest?q={}", &word[..letters])).await?;
    }
    visitor.get(&format!("/api/v1/search?q={word}")).await?;
    visitor.get(&format!("/api/v1/products/{}", popular(PRODUCTS))).await.map(drop)
}

async fn log_in(visitor: &mut Visitor) -> Option<()> {
    let email = format!("customer{}@example.com", popular(490));
    let password = if chance(0.07) { "forgotten" } else { "secret" };
    let answer = visitor.post("/api/v1/sessions", json!({ "email": email, "password": password })).await?;
    visitor.token = Some(answer.json.get("token")?.as_str()?.to_owned());
    Some(())
}

async fn buy(visitor: &mut Visitor) -> Option<()> {
    log_in(visitor).await?;
    let cart = visitor.post("/api/v1/carts", json!({})).await?.id()?;
    let cart = format!("/api/v1/carts/{cart}");
    let items: u8 = rand::rng().random_range(1..4);
    for _ in 0..items {
        let product = popular(PRODUCTS);
        visitor.post(&format!("{cart}/items"), json!({ "product_id": product, "quantity": 1 })).await?;
        if chance(0.15) {
            visitor.send(Method::DELETE, &format!("{cart}/items/{product}"), None).await?;
        }
    }
    visitor.get(&cart).await?;
    if chance(0.3) {
        let code = if chance(0.7) { "SAVE10" } else { "FREE" };
        visitor.post(&format!("{cart}/coupon"), json!({ "code": code })).await?;
    }
    // Three of four carts are left behind.
    if chance(0.75) {
        return Some(());
    }
    let order = visitor.post(&format!("{cart}/checkout"), json!({})).await?.id()?;
    let card = if chance(0.05) { "4111-1111" } else { "4111111111111111" };
    let payment = json!({ "order_id": order, "card": card });
    let paid = visitor.post("/api/v1/payments", payment.clone()).await?;
    if paid.status.is_server_error() {
        visitor.post("/api/v1/payments", payment).await?;
    }
    after_sale(visitor, order).await
}

async fn after_sale(visitor: &Visitor, order: u64) -> Option<()> {
    visitor.get(&format!("/api/v1/orders/{order}")).await?;
    if chance(0.3) {
        visitor.get(&format!("/api/v1/orders/{order}/events")).await?;
    }
    if chance(0.4) {
        visitor.get(&format!("/api/v1/orders/{order}/invoice")).await?;
    }
    if chance(0.1) {
        visitor.post(&format!("/api/v1/orders/{order}/cancel"), json!({})).await?;
    }
    Some(())
}

async fn account(visitor: &mut Visitor) -> Option<()> {
    if chance(0.1) {
        let email = format!("customer{}@example.com", rand::rng().random_range(300..5_000));
        let new = json!({ "email": email, "name": "New", "password": "secret" });
        visitor.post("/api/v1/customers", new).await?;
    }
    log_in(visitor).await?;
    visitor.get("/api/v1/customers/me").await?;
    let orders = visitor.get("/api/v1/orders").await?;
    if let Some(order) = orders.json.get(0).and_then(|order| order.get("id")?.as_u64()) {
        visitor.get(&format!("/api/v1/orders/{order}")).await?;
        visitor.get(&format!("/api/v1/orders/{order}/invoice")).await?;
    }
    visitor.get("/api/v1/customers/me/addresses").await?;
    if chance(0.3) {
        visitor
            .post("/api/v1/customers/me/addresses", json!({ "city": "Lund", "street": "Kyrkogatan 3" }))
            .await?;
    }
    if chance(0.3) {
        let path = format!("/api/v1/products/{}/reviews", popular(PRODUCTS));
        let stars = rand::rng().random_range(1..=6);
        visitor.post(&path, json!({ "stars": stars, "text": "As described." })).await?;
    }
    if chance(0.2) {
        visitor
            .send(Method::PATCH, "/api/v1/customers/me", Some(json!({ "name": "Renamed" }).to_string()))
            .await?;
    }
    Some(())
}

async fn operate(visitor: &mut Visitor) -> Option<()> {
    visitor.token = Some(ADMIN_KEY.to_owned());
    visitor.get("/api/v1/admin/stats").await?;
    visitor.get("/api/v1/admin/orders").await?;
    let product = popular(PRODUCTS);
    visitor.get(&format!("/api/v1/inventory/{product}")).await?;
    let stock = json!({ "stock": 1_000_000 }).to_string();
    visitor.send(Method::PUT, &format!("/api/v1/inventory/{product}"), Some(stock)).await?;
    if chance(0.4) {
        visitor.get("/api/v1/orders/export.csv").await?;
    }
    if chance(0.2) {
        visitor.post(&format!("/api/v1/payments/{}/refund", popular(60)), json!({})).await?;
    }
    Some(())
}

async fn webhook(visitor: &Visitor) -> Option<()> {
    for _ in 0..2 {
        visitor.post("/webhooks/payments", json!({ "order_id": popular(900), "amount": 4_990 })).await?;
    }
    let reservation = json!({ "product_id": popular(PRODUCTS), "quantity": 2 });
    visitor.post("/api/v1/inventory/reservations", reservation).await.map(drop)
}

/// Looks for what other software left open.
async fn crawl(visitor: &Visitor) -> Option<()> {
    for path in ["/wp-login.php", "/.env", "/admin/config.php", "/api/v1/../../etc/passwd"] {
        visitor.get(path).await?;
    }
    let random: u32 = rand::random();
    visitor.get(&format!("/cgi-bin/{random:x}")).await?;
    visitor.send(Method::DELETE, "/api/v1/categories", None).await.map(drop)
}

/// A client with bugs: broken JSON, missing fields, wrong types, no session.
async fn fumble(visitor: &mut Visitor) -> Option<()> {
    visitor.send(Method::POST, "/api/v1/sessions", Some("{\"email\": ".to_owned())).await?;
    visitor.post("/api/v1/sessions", json!({ "email": "customer1@example.com" })).await?;
    visitor.get("/api/v1/products/blue-lamp").await?;
    visitor.get("/api/v1/products?per_page=1000").await?;
    visitor.get("/api/v1/search?q=a").await?;
    visitor.get("/api/v1/orders").await?;
    let new: Value = json!({ "email": "nobody", "name": "", "password": "x" });
    visitor.post("/api/v1/customers", new).await?;
    log_in(visitor).await?;
    visitor.get("/api/v1/admin/stats").await.map(drop)
}

/// Asks for something slow and goes away.
async fn hang_up(visitor: &mut Visitor) -> Option<()> {
    visitor.token = Some(ADMIN_KEY.to_owned());
    visitor.hang_up_after(Duration::from_millis(40), "/api/v1/orders/export.csv").await;
    visitor.hang_up_after(Duration::from_millis(15), "/api/v1/search?q=lamp").await;
    Some(())
}
