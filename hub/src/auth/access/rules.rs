//! The table: which route does which operation, and what that needs.

use Needs::{Anywhere, App, Hub, Nobody, Person};

use crate::store::metadata::Role;
use crate::store::metadata::Role::{Admin, Editor, Viewer};

/// What an operation needs of who asks. A role on the whole hub is a role on each of its apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Open to everybody.
    Nobody,
    /// A session, whatever its roles: what concerns oneself.
    Person,
    /// At least this role somewhere; the answer or the body tells the handler where.
    Anywhere(Role),
    /// At least this role on the app that the path names.
    App(Role),
    /// At least this role on the whole hub.
    Hub(Role),
}

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub method: &'static str,
    /// The route's template under `/api/v1`.
    pub path: &'static str,
    /// What it does, as errors name it.
    pub operation: &'static str,
    pub needs: Needs,
}

const fn rule_of(method: &'static str, path: &'static str, operation: &'static str, needs: Needs) -> Rule {
    Rule { method, path, operation, needs }
}

/// Every route under `/api/v1`.
pub const RULES: &[Rule] = &[
    rule_of("GET", "/openapi.json", "document.read", Nobody),
    // Coming in.
    rule_of("GET", "/session", "session.read", Nobody),
    rule_of("POST", "/session", "session.open", Nobody),
    rule_of("DELETE", "/session", "session.close", Nobody),
    rule_of("GET", "/session/oidc", "session.open", Nobody),
    rule_of("GET", "/session/oidc/callback", "session.open", Nobody),
    rule_of("POST", "/setup", "setup.use", Nobody),
    rule_of("POST", "/invitations/look", "invitation.look", Nobody),
    rule_of("POST", "/invitations/accept", "invitation.accept", Nobody),
    rule_of("POST", "/password-reset", "password_reset.use", Nobody),
    // Oneself.
    rule_of("PUT", "/account/password", "account.change", Person),
    rule_of("GET", "/account/sessions", "account.read", Person),
    rule_of("DELETE", "/account/sessions", "account.change", Person),
    rule_of("DELETE", "/account/sessions/{session_id}", "account.change", Person),
    // Others.
    rule_of("GET", "/users", "users.read", Hub(Admin)),
    rule_of("PATCH", "/users/{user_id}", "users.change", Hub(Admin)),
    rule_of("DELETE", "/users/{user_id}", "users.change", Hub(Admin)),
    rule_of("POST", "/users/{user_id}/password-reset", "users.change", Hub(Admin)),
    rule_of("GET", "/users/{user_id}/sessions", "users.read", Hub(Admin)),
    rule_of("DELETE", "/users/{user_id}/sessions", "users.change", Hub(Admin)),
    rule_of("DELETE", "/users/{user_id}/sessions/{session_id}", "users.change", Hub(Admin)),
    rule_of("GET", "/invitations", "invitations.read", Anywhere(Admin)),
    rule_of("POST", "/invitations", "invitations.change", Anywhere(Admin)),
    rule_of("DELETE", "/invitations/{invitation_id}", "invitations.change", Anywhere(Admin)),
    rule_of("GET", "/tokens", "tokens.read", Anywhere(Admin)),
    rule_of("POST", "/tokens", "tokens.change", Anywhere(Admin)),
    rule_of("DELETE", "/tokens/{token_id}", "tokens.change", Anywhere(Admin)),
    rule_of("GET", "/audit-log", "audit_log.read", Anywhere(Admin)),
    rule_of("GET", "/system", "system.read", Hub(Viewer)),
    // Apps.
    rule_of("GET", "/apps", "apps.list", Anywhere(Viewer)),
    rule_of("GET", "/overview", "apps.list", Anywhere(Viewer)),
    rule_of("POST", "/apps", "apps.create", Hub(Editor)),
    rule_of("PATCH", "/apps/{app_id}", "app.change", App(Editor)),
    rule_of("DELETE", "/apps/{app_id}", "app.delete", App(Admin)),
    rule_of("GET", "/apps/{app_id}/environments", "environments.read", App(Viewer)),
    rule_of("DELETE", "/apps/{app_id}/environments/{env}", "environments.delete", App(Admin)),
    rule_of("GET", "/apps/{app_id}/keys", "keys.read", App(Editor)),
    rule_of("POST", "/apps/{app_id}/keys", "keys.change", App(Editor)),
    rule_of("DELETE", "/apps/{app_id}/keys/{key_id}", "keys.change", App(Editor)),
    rule_of("GET", "/apps/{app_id}/apdex", "judging.read", App(Viewer)),
    rule_of("PUT", "/apps/{app_id}/apdex", "judging.change", App(Editor)),
    rule_of("GET", "/apps/{app_id}/expected-errors", "judging.read", App(Viewer)),
    rule_of("POST", "/apps/{app_id}/expected-errors", "judging.change", App(Editor)),
    rule_of("DELETE", "/apps/{app_id}/expected-errors/{expected_error_id}", "judging.change", App(Editor)),
    rule_of("GET", "/settings", "settings.read", Anywhere(Viewer)),
    rule_of("GET", "/views", "views.read", Anywhere(Viewer)),
    rule_of("POST", "/views", "views.change", Anywhere(Viewer)),
    rule_of("PUT", "/views/{view_id}", "views.change", Anywhere(Viewer)),
    rule_of("DELETE", "/views/{view_id}", "views.change", Anywhere(Viewer)),
    // What happened.
    rule_of("GET", "/apps/{app_id}/summary", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/endpoints", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/traffic", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/latency", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/instances", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/losses", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/validation-errors", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/server-errors", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/error-statuses", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/consumers", "traffic.read", App(Viewer)),
    rule_of("DELETE", "/apps/{app_id}/consumers/{consumer_id}", "consumers.forget", App(Admin)),
    rule_of("GET", "/apps/{app_id}/request-logs", "request_logs.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/request-logs/timeline", "request_logs.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/request-logs/facets", "request_logs.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/request-logs/export", "request_logs.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/request-logs/{log_id}", "request_logs.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/consumers/activity", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/consumer-groups", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/error-groups/{group_id}", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/releases", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/sizes", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/latency/heatmap", "traffic.read", App(Viewer)),
    rule_of("GET", "/apps/{app_id}/resources", "traffic.read", App(Viewer)),
];

/// The entry of a route.
pub fn rule(method: &str, path: &str) -> Option<&'static Rule> {
    // A HEAD is a GET whose body is not sent.
    let method = if method == "HEAD" { "GET" } else { method };
    RULES.iter().find(|rule| rule.method == method && rule.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_has_one_entry_and_what_asks_for_an_app_names_it() {
        for (at, rule) in RULES.iter().enumerate() {
            let same = |other: &Rule| (other.method, other.path) == (rule.method, rule.path);
            assert!(!RULES[at + 1..].iter().any(same), "{rule:?}");
            assert_eq!(matches!(rule.needs, App(_)), rule.path.contains("{app_id}"), "{rule:?}");
        }
    }
}
