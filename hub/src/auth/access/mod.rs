//! Who may do what: the one place where the API decides it.
//!
//! Every route of `/api/v1` has an entry in [`RULES`], which says what it needs; the [`gate()`] runs before each handler,
//! finds out who asks, and refuses what the entry does not allow. A route without an entry answers nobody. Handlers get the
//! [`Caller`] and narrow further only where the scope stands in the body or the answer is a list.
//!
//! To add a route: 1. the handler; 2. its line in [`RULES`]; 3. its line in `hub/tests/it/access/table.rs`, which tries every
//! route with every role and scope.

mod caller;
mod gate;
mod rules;

pub use caller::{Caller, Who};
pub use gate::{bearer, gate};
pub use rules::{Needs, RULES, Rule, rule};
