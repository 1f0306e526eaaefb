//! The settings of the identity provider.

use super::value::{Values, not_empty, parse};
use super::{Config, ConfigError, ProviderConfig};
use crate::store::metadata::{Grant, Role};

impl Values<'_> {
    /// None when no issuer is set.
    pub(super) fn provider(&self) -> Result<Option<ProviderConfig>, ConfigError> {
        let Some(issuer) = self.optional("oidc.issuer", issuer)? else { return Ok(None) };
        Ok(Some(ProviderConfig {
            issuer,
            client_id: self.required("oidc.client_id", not_empty)?,
            client_secret: self.secret("oidc.client_secret", "oidc.client_secret_file")?,
            name: self.required("oidc.name", not_empty)?,
            scopes: self.required("oidc.scopes", words)?,
            role_claim: self.optional("oidc.role_claim", not_empty)?,
            role_map: self.required("oidc.role_map", role_map)?,
            default_role: self.required("oidc.default_role", default_role)?,
            allowed_domains: self.required("oidc.allowed_domains", domains)?,
            create_users: self.required("oidc.create_users", parse::<bool>)?,
            trust_unverified_email: self.required("oidc.trust_unverified_email", parse::<bool>)?,
        }))
    }

    /// What the provider's settings need of others, and others of them.
    pub(super) fn check_provider(&self, config: &Config) -> Result<(), ConfigError> {
        let Some(provider) = &config.auth.provider else {
            if config.auth.password_log_in {
                return Ok(());
            }
            let problem = "oidc.issuer is not set, so nobody could log in".to_owned();
            return Err(self.invalid("auth.password_log_in", problem));
        };
        if config.http.public_url.is_none() {
            let problem = "http.public_url is not set, to which the provider sends people back".to_owned();
            return Err(self.invalid("oidc.issuer", problem));
        }
        if provider.role_claim.is_none() && !provider.role_map.is_empty() {
            let problem = "oidc.role_claim is not set, whose values these would be".to_owned();
            return Err(self.invalid("oidc.role_map", problem));
        }
        Ok(())
    }
}

fn issuer(text: &str) -> Result<String, String> {
    let uri: http::Uri = parse(text)?;
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_local = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match uri.scheme_str() {
        Some("https") if !host.is_empty() => Ok(text.to_owned()),
        Some("http") if is_local => Ok(text.to_owned()),
        _ => Err("it is not such a URL".to_owned()),
    }
}

fn words(text: &str) -> Result<Vec<String>, String> {
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn domains(text: &str) -> Result<Vec<String>, String> {
    Ok(list(text).map(|domain| domain.trim_start_matches('@').to_lowercase()).collect())
}

fn default_role(text: &str) -> Result<Option<Role>, String> {
    match text {
        "none" => Ok(None),
        role => Role::parse(role).map(Some).ok_or_else(|| "there is no such role".to_owned()),
    }
}

fn role_map(text: &str) -> Result<Vec<(String, Grant)>, String> {
    let entry = |entry: &str| {
        let (value, grant) = entry.rsplit_once('=').ok_or_else(|| format!("{entry:?} has no ="))?;
        let (role, app_id) = grant.split_once('@').map_or((grant, None), |(role, app)| (role, Some(app)));
        let role = Role::parse(role.trim()).ok_or_else(|| format!("{role:?} is no role"))?;
        let app_id = app_id.map(|id| id.trim().parse().map_err(|_| format!("{id:?} is no app's id")));
        Ok((value.trim().to_owned(), Grant { role, app_id: app_id.transpose()? }))
    };
    list(text).map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_map_names_values_roles_and_apps() {
        let map = role_map("ops=admin, a=b=editor@00000000-0000-0000-0000-000000000007,").unwrap();
        let app_id = Some(uuid::Uuid::from_u128(7));
        let expected = [("ops", Role::Admin.into()), ("a=b", Grant { role: Role::Editor, app_id })];
        assert_eq!(map, expected.map(|(value, grant)| (value.to_owned(), grant)));
        for bad in ["ops", "ops=owner", "ops=editor@shop"] {
            assert!(role_map(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_provider_is_reached_over_tls_or_on_this_machine() {
        for good in
            ["https://id.example.com", "http://127.0.0.1:4000", "http://localhost/x", "http://[::1]:4"]
        {
            assert!(issuer(good).is_ok(), "{good}");
        }
        for bad in ["http://id.example.com", "id.example.com", "ftp://x", ""] {
            assert!(issuer(bad).is_err(), "{bad}");
        }
    }
}
