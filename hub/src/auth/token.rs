//! API tokens: found by their secret, and what may be done with them now.
//!
//! A token has at most the rights that its maker has now, and none when its maker is gone or disabled: else whoever was shown out
//! could have kept a key. Tokens of the command line rest on nobody.

use super::{Auth, Grant, TOUCH_SECS, secret};
use crate::store::StoreError;
use crate::store::metadata::{Token, User};

/// A token that is taken.
#[derive(Debug, Clone)]
pub(super) struct FoundToken {
    pub(super) token: Token,
    /// What may be done with it now.
    pub(super) grants: Vec<Grant>,
}

impl Auth {
    /// The token of this secret, if it is valid.
    pub(super) async fn find_token(&self, secret: &str) -> Result<Option<FoundToken>, StoreError> {
        let hash = secret::hash(secret);
        let now = self.now();
        let ask = async {
            let found = self.metadata.token_by_hash(&hash).await?.filter(|token| token.is_valid(now));
            let Some(token) = found else { return Ok(None) };
            let Some(grants) = self.token_grants(&token).await? else { return Ok(None) };
            if token.last_used_at.is_none_or(|last| now - last >= TOUCH_SECS) {
                self.metadata.touch_token(token.id, now).await?;
            }
            Ok(Some(FoundToken { token, grants }))
        };
        Ok(self.tokens.find(hash, ask).await?.filter(|found| found.token.is_valid(now)))
    }

    /// None when its maker is gone or disabled.
    async fn token_grants(&self, token: &Token) -> Result<Option<Vec<Grant>>, StoreError> {
        let Some(maker_id) = token.maker_id() else { return Ok(Some(vec![token.grant])) };
        let maker = self.metadata.user(maker_id).await?;
        Ok(grants_of(token.grant, maker.as_ref()))
    }
}

/// What may be done with a token of this grant, if its maker is somebody who is let in.
pub(crate) fn grants_of(grant: Grant, maker: Option<&User>) -> Option<Vec<Grant>> {
    let maker = maker.filter(|maker| maker.disabled_at.is_none())?;
    Some(capped(grant, &maker.grants))
}

/// What both the grant and the others allow.
fn capped(grant: Grant, others: &[Grant]) -> Vec<Grant> {
    let common = |other: &Grant| {
        let app_id = match (grant.app_id, other.app_id) {
            (Some(own), Some(other)) if own != other => return None,
            (own, other) => own.or(other),
        };
        Some(Grant { role: grant.role.min(other.role), app_id })
    };
    others.iter().filter_map(common).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::auth::Role;

    #[test]
    fn what_is_capped_allows_what_both_allow_and_nothing_else() {
        let apps = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let scopes = [None, Some(apps[0]), Some(apps[1])];
        let roles = [Role::Viewer, Role::Editor, Role::Admin];
        let all: Vec<Grant> =
            scopes.iter().flat_map(|app_id| roles.map(|role| Grant { role, app_id: *app_id })).collect();
        let allows = |grants: &[Grant], role: Role, app_id: Option<Uuid>| {
            grants.iter().any(|own| own.role >= role && (own.app_id.is_none() || own.app_id == app_id))
        };
        for grant in &all {
            for first in &all {
                for second in &all {
                    let maker = [*first, *second];
                    let found = capped(*grant, &maker);
                    for wanted in &all {
                        let Grant { role, app_id } = *wanted;
                        let both = allows(&[*grant], role, app_id) && allows(&maker, role, app_id);
                        assert_eq!(allows(&found, role, app_id), both, "{grant:?} by {maker:?}: {wanted:?}");
                    }
                }
            }
        }
        assert_eq!(capped(all[0], &[]), []);
    }
}
