pub mod extract;
pub mod origin;
pub mod problem;
