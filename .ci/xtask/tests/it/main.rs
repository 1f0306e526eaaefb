//! The guard as a program, and the pages that must agree with the code.

mod guard;
mod protocol_page;
