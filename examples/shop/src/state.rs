//! The shop's data and the faults it is told to have.

use std::sync::Arc;

use rand::Rng;
use serde::Serialize;

use crate::shelf::Shelf;

pub type Shared = Arc<Shop>;

/// Products on sale; ids run from 1.
pub const PRODUCTS: u64 = 240;

const CATEGORIES: [&str; 6] = ["kitchen", "garden", "books", "toys", "lighting", "office"];
const NOUNS: [&str; 8] = ["lamp", "kettle", "spade", "atlas", "puzzle", "desk", "mug", "notebook"];

/// How often things go wrong that the caller is not to blame for, as shares of 1.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    /// The payment gateway answers nonsense (502) or not at all (503).
    pub gateway: f64,
    /// An old order misses its address, which the invoice takes for granted: a panic.
    pub invoice: f64,
}

impl Faults {
    pub const NONE: Self = Self { gateway: 0.0, invoice: 0.0 };
    pub const USUAL: Self = Self { gateway: 0.04, invoice: 0.05 };

    /// Throws the dice for one of them.
    pub fn strikes(share: f64) -> bool {
        rand::rng().random_bool(share)
    }
}

/// Everything the handlers share.
pub struct Shop {
    pub faults: Faults,
    pub products: Shelf<Product>,
    pub reviews: Shelf<Review>,
    pub customers: Shelf<Customer>,
    pub sessions: Shelf<Session>,
    pub carts: Shelf<Cart>,
    pub orders: Shelf<Order>,
    pub payments: Shelf<Payment>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Product {
    pub id: u64,
    pub name: String,
    pub category: &'static str,
    pub price_cents: u64,
    pub stock: u32,
}

#[derive(Debug, Clone, Serialize)]
pub struct Review {
    pub id: u64,
    pub product_id: u64,
    pub customer_id: u64,
    pub stars: u8,
    pub text: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Customer {
    pub id: u64,
    pub email: String,
    pub name: String,
    #[serde(skip)]
    pub password: String,
    pub addresses: Vec<Address>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Address {
    pub id: u64,
    pub city: String,
    pub street: String,
}

#[derive(Debug, Clone)]
pub struct Session {
    pub id: u64,
    pub token: String,
    pub customer_id: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Cart {
    pub id: u64,
    pub lines: Vec<Line>,
    pub coupon: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub product_id: u64,
    pub quantity: u32,
    pub price_cents: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Order {
    pub id: u64,
    pub customer_id: u64,
    pub lines: Vec<Line>,
    pub total_cents: u64,
    pub status: OrderStatus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    Open,
    Paid,
    Shipped,
    Cancelled,
}

#[derive(Debug, Clone, Serialize)]
pub struct Payment {
    pub id: u64,
    pub order_id: u64,
    pub amount_cents: u64,
    pub refunded: bool,
}

impl Shop {
    /// Opens a shop with a full catalogue, 500 customers and no orders.
    pub fn open(faults: Faults) -> Shared {
        let shop = Self {
            faults,
            products: Shelf::new(1, 400),
            reviews: Shelf::new(1, 2_000),
            customers: Shelf::new(1, 2_000),
            sessions: Shelf::new(1, 500),
            carts: Shelf::new(1, 2_000),
            orders: Shelf::new(1_001, 2_000),
            payments: Shelf::new(1, 2_000),
        };
        for _ in 0..PRODUCTS {
            shop.products.insert(product);
        }
        for _ in 0..500 {
            shop.customers.insert(customer);
        }
        Arc::new(shop)
    }

    pub fn categories() -> &'static [&'static str] {
        &CATEGORIES
    }
}

fn product(id: u64) -> Product {
    let noun = NOUNS[id as usize % NOUNS.len()];
    let category = CATEGORIES[id as usize % CATEGORIES.len()];
    Product {
        id,
        name: format!("{noun} no. {id}"),
        category,
        price_cents: 499 + id * 37 % 9_000,
        stock: 1_000_000,
    }
}

fn customer(id: u64) -> Customer {
    let email = format!("customer{id}@example.com");
    let home = Address { id: 1, city: "Lund".to_owned(), street: format!("Storgatan {id}") };
    Customer {
        id,
        email,
        name: format!("Customer {id}"),
        password: "secret".to_owned(),
        addresses: vec![home],
    }
}

impl Cart {
    pub fn total_cents(&self) -> u64 {
        let sum: u64 = self.lines.iter().map(|line| line.price_cents * u64::from(line.quantity)).sum();
        if self.coupon.is_some() { sum * 9 / 10 } else { sum }
    }
}
