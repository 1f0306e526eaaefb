//! How figures are judged and which views people keep: plain data.

use uuid::Uuid;

use crate::clock::UnixSecs;
use crate::queue::AppId;

/// Until when a request satisfies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApdexThreshold {
    /// The endpoint, as method and path; none: the app as a whole.
    pub endpoint: Option<(String, String)>,
    pub threshold_ms: u32,
}

/// A status that is no error for the people of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedError {
    pub id: Uuid,
    pub app_id: AppId,
    pub method: String,
    pub path: String,
    pub status: u16,
    /// The name of who said so.
    pub created_by: String,
    pub created_at: UnixSecs,
}

/// A page of the dashboard with its filters, under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    pub id: Uuid,
    /// None: the automatic log-in on loopback.
    pub owner_id: Option<Uuid>,
    pub owner_name: String,
    /// The app that it shows; none: a page that is about none.
    pub app_id: Option<AppId>,
    pub name: String,
    /// Path and query below the address of the dashboard.
    pub url: String,
    /// Whether all who may see it do.
    pub shared: bool,
    pub created_at: UnixSecs,
}
