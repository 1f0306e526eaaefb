//! The shop through its router: every area answers as its callers expect, good and bad.
//! Time is paused, so waiting costs nothing; faults are off unless a test asks for them.

mod buying;
mod monitored;
mod rules;
mod shop;
