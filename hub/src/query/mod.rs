//! The query role: answers under `/api/v1`, for tokens and for the dashboard.

pub mod answer;
pub mod apps;
pub mod endpoints;
pub mod instances;
pub mod keys;
pub mod latency;
pub mod openapi;
pub mod traffic;
