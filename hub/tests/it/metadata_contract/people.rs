//! What every metadata store must do with people, their links and the audit log.

use sendry_hub::auth::{new_user, secret};
use sendry_hub::store::metadata::{
    Acceptance, AccountChange, Actor, ActorKind, AuditFilter, CredentialKind, Grant, Identity, Invitation,
    Maker, Metadata, NewAuditEntry, NewPasswordReset, NewSession, Role, User,
};
use serde_json::json;
use uuid::Uuid;

use super::{Harness, created_app};

async fn created_user(store: &Metadata, name: &str, grant: impl Into<Grant>) -> User {
    let user = new_user(&format!("{name}@example.com"), grant, "hash".into(), 1);
    assert!(store.create_user(&user).await.unwrap());
    user
}

/// A session whose hash repeats `byte`.
fn session(byte: u8, user_id: Option<Uuid>, created_at: i64) -> NewSession {
    NewSession {
        id: Uuid::from_u128(byte.into()),
        hash: [byte; 32],
        user_id,
        address: Some("203.0.113.7".into()),
        user_agent: Some("browser".into()),
        created_at,
    }
}

pub(super) async fn a_session_has_its_user_and_ends<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let ann = created_user(&store, "ann", Role::Viewer).await;
    store.create_session(&session(1, Some(ann.id), 100)).await.unwrap();
    store.create_session(&session(2, None, 200)).await.unwrap();
    store.touch_session(&[1; 32], 150).await.unwrap();
    let found = store.session(&[1; 32]).await.unwrap().unwrap();
    assert_eq!(found.id, Uuid::from_u128(1));
    assert_eq!((found.user, found.created_at, found.last_seen_at), (Some(ann), 100, 150));
    assert_eq!(store.session(&[2; 32]).await.unwrap().unwrap().user, None);
    store.delete_sessions(100, 150).await.unwrap();
    assert!(store.session(&[1; 32]).await.unwrap().is_some());
    store.delete_sessions(100, 151).await.unwrap();
    assert!(store.session(&[1; 32]).await.unwrap().is_none());
    store.delete_session(&[2; 32]).await.unwrap();
    assert!(store.session(&[2; 32]).await.unwrap().is_none());
}

pub(super) async fn sessions_of_a_user_are_listed_and_ended<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let (ann, bob) =
        (created_user(&store, "ann", Role::Viewer).await, created_user(&store, "bob", Role::Viewer).await);
    for (byte, user, at) in [(1, &ann, 100), (2, &ann, 200), (3, &ann, 300), (4, &bob, 400)] {
        store.create_session(&session(byte, Some(user.id), at)).await.unwrap();
    }
    let ids = async |user: &User| -> Vec<u128> {
        store.sessions_of(user.id).await.unwrap().iter().map(|session| session.id.as_u128()).collect()
    };
    assert_eq!(ids(&ann).await, [3, 2, 1]);
    let first = &store.sessions_of(ann.id).await.unwrap()[0];
    assert_eq!(
        (first.address.as_deref(), first.user_agent.as_deref()),
        (Some("203.0.113.7"), Some("browser"))
    );
    assert!(!store.end_session(bob.id, Uuid::from_u128(1)).await.unwrap());
    assert!(store.end_session(ann.id, Uuid::from_u128(1)).await.unwrap());
    assert!(!store.end_session(ann.id, Uuid::from_u128(1)).await.unwrap());
    store.end_sessions_of(ann.id, Some(Uuid::from_u128(2))).await.unwrap();
    assert_eq!((ids(&ann).await, ids(&bob).await), (vec![2], vec![4]));
    store.end_sessions_of(ann.id, None).await.unwrap();
    assert_eq!((ids(&ann).await, ids(&bob).await), (vec![], vec![4]));
}

pub(super) async fn what_a_user_may_do_is_replaced_as_a_whole<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    let ann = created_user(&store, "ann", Grant { role: Role::Editor, app_id: Some(app.app_id) }).await;
    assert_eq!(store.user(ann.id).await.unwrap(), Some(ann.clone()));
    let grants =
        [Grant { role: Role::Viewer, app_id: None }, Grant { role: Role::Admin, app_id: Some(app.app_id) }];
    assert_eq!(store.set_grants(ann.id, &grants).await.unwrap(), AccountChange::Done);
    assert_eq!(store.user(ann.id).await.unwrap().unwrap().grants, grants);
    assert_eq!(store.set_grants(ann.id, &[]).await.unwrap(), AccountChange::Done);
    assert_eq!(store.users().await.unwrap()[0].grants, []);
    assert_eq!(store.set_grants(Uuid::new_v4(), &grants).await.unwrap(), AccountChange::Unknown);
    store.touch_log_in(ann.id, 77).await.unwrap();
    assert!(store.set_password(ann.id, "other").await.unwrap());
    assert!(!store.set_password(Uuid::new_v4(), "other").await.unwrap());
    let found = store.user_by_email("ann@example.com").await.unwrap().unwrap();
    assert_eq!((found.password_hash.as_deref(), found.last_log_in_at), (Some("other"), Some(77)));
}

pub(super) async fn the_last_admin_of_the_hub_stays_one<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    let ann = created_user(&store, "ann", Role::Admin).await;
    created_user(&store, "app", Grant { role: Role::Admin, app_id: Some(app.app_id) }).await;
    let bob = created_user(&store, "bob", Role::Admin).await;
    assert_eq!(store.set_disabled(bob.id, Some(5)).await.unwrap(), AccountChange::Done);
    let demoted = [Role::Editor.into()];
    assert_eq!(store.set_grants(ann.id, &demoted).await.unwrap(), AccountChange::LastAdmin);
    assert_eq!(store.set_disabled(ann.id, Some(5)).await.unwrap(), AccountChange::LastAdmin);
    assert_eq!(store.delete_user(ann.id).await.unwrap(), AccountChange::LastAdmin);
    assert_eq!(store.user(ann.id).await.unwrap(), Some(ann.clone()));
    assert_eq!(store.set_disabled(bob.id, None).await.unwrap(), AccountChange::Done);
    assert_eq!(store.delete_user(ann.id).await.unwrap(), AccountChange::Done);
    assert_eq!(store.user(ann.id).await.unwrap(), None);
    assert_eq!(store.delete_user(ann.id).await.unwrap(), AccountChange::Unknown);
    assert_eq!(store.set_grants(bob.id, &demoted).await.unwrap(), AccountChange::LastAdmin);
}

pub(super) async fn a_disabled_user_has_no_session_and_can_come_back<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let ann = created_user(&store, "ann", Role::Viewer).await;
    store.create_session(&session(1, Some(ann.id), 100)).await.unwrap();
    assert_eq!(store.set_disabled(ann.id, Some(150)).await.unwrap(), AccountChange::Done);
    assert!(store.session(&[1; 32]).await.unwrap().is_none());
    assert_eq!(store.user(ann.id).await.unwrap().unwrap().disabled_at, Some(150));
    assert_eq!(store.set_disabled(ann.id, None).await.unwrap(), AccountChange::Done);
    assert_eq!(store.user(ann.id).await.unwrap(), Some(ann));
    assert_eq!(store.set_disabled(Uuid::new_v4(), Some(1)).await.unwrap(), AccountChange::Unknown);
}

fn invitation(email: &str) -> Invitation {
    Invitation {
        id: Uuid::new_v4(),
        email: email.to_owned(),
        grant: Role::Editor.into(),
        created_by: Maker { user_id: None, email: "ann@example.com".into() },
        maker_may: true,
        created_at: 10,
        expires_at: 100,
        accepted_at: None,
        revoked_at: None,
    }
}

pub(super) async fn an_invitation_makes_a_user_once_and_in_time<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let invited = invitation("bob@example.com");
    store.create_invitation(&invited, &[1; 32]).await.unwrap();
    assert_eq!(store.invitations().await.unwrap(), std::slice::from_ref(&invited));
    assert_eq!(store.invitation_by_hash(&[1; 32]).await.unwrap(), Some(invited));
    assert_eq!(store.invitation_by_hash(&[9; 32]).await.unwrap(), None);
    let user = |name: &str| new_user(&format!("{name}@example.com"), Role::Editor, "hash".into(), 1);
    let accept = async |byte: u8, name: &str, now| {
        store.accept_invitation(&[byte; 32], &user(name), now).await.unwrap()
    };
    assert_eq!(accept(9, "bob", 50).await, Acceptance::NotOpen);
    assert_eq!(accept(1, "bob", 100).await, Acceptance::NotOpen);
    assert_eq!(accept(1, "bob", 99).await, Acceptance::Done);
    assert_eq!(accept(1, "eve", 99).await, Acceptance::NotOpen);
    store.create_invitation(&invitation("bob@example.com"), &[2; 32]).await.unwrap();
    assert_eq!(accept(2, "bob", 50).await, Acceptance::EmailTaken);
    let second = store.invitation_by_hash(&[2; 32]).await.unwrap().unwrap();
    assert_eq!(second.accepted_at, None);
    assert!(store.revoke_invitation(second.id, 60).await.unwrap());
    assert!(!store.revoke_invitation(second.id, 61).await.unwrap());
    assert_eq!(accept(2, "eve", 70).await, Acceptance::NotOpen);
    let listed = store.invitations().await.unwrap();
    assert_eq!((listed[0].revoked_at, listed[1].accepted_at), (Some(60), Some(99)));
    assert!(!store.revoke_invitation(listed[1].id, 70).await.unwrap());
    assert_eq!(store.users().await.unwrap().len(), 1);
}

/// Another admin, so that nobody is the last one.
async fn admins(store: &Metadata) -> (User, User) {
    (created_user(store, "ann", Role::Admin).await, created_user(store, "root", Role::Admin).await)
}

pub(super) async fn an_invitation_rests_on_what_its_maker_may<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let shop = created_app(&store).await.app_id;
    let (ann, _) = admins(&store).await;
    let of_ann = |email: &str, app_id| Invitation {
        grant: Grant { role: Role::Viewer, app_id },
        created_by: Maker { user_id: Some(ann.id), email: ann.email.clone() },
        ..invitation(email)
    };
    store.create_invitation(&of_ann("hub@example.com", None), &[1; 32]).await.unwrap();
    store.create_invitation(&of_ann("shop@example.com", Some(shop)), &[2; 32]).await.unwrap();
    let open = async || {
        let mut open = Vec::new();
        for hash in [[1; 32], [2; 32]] {
            open.push(store.invitation_by_hash(&hash).await.unwrap().unwrap().is_open(50));
        }
        assert_eq!(
            store.invitations().await.unwrap().iter().filter(|one| one.is_open(50)).count(),
            open.iter().filter(|open| **open).count()
        );
        open
    };
    assert_eq!(open().await, [true, true]);
    let on_shop = |role| Grant { role, app_id: Some(shop) };
    store.set_grants(ann.id, &[on_shop(Role::Admin)]).await.unwrap();
    assert_eq!(open().await, [false, true]);
    let accept = async |byte: u8, name: &str| {
        let user = new_user(&format!("{name}@example.com"), Role::Viewer, "hash".into(), 1);
        store.accept_invitation(&[byte; 32], &user, 50).await.unwrap()
    };
    assert_eq!(accept(1, "hub").await, Acceptance::NotOpen);
    store.set_grants(ann.id, &[on_shop(Role::Editor)]).await.unwrap();
    assert_eq!(open().await, [false, false]);
    store.set_grants(ann.id, &[Role::Admin.into()]).await.unwrap();
    assert_eq!(open().await, [true, true]);
    store.set_disabled(ann.id, Some(5)).await.unwrap();
    assert_eq!(open().await, [false, false]);
    store.set_disabled(ann.id, None).await.unwrap();
    assert_eq!(accept(2, "shop").await, Acceptance::Done);
    store.delete_user(ann.id).await.unwrap();
    assert_eq!(accept(1, "hub").await, Acceptance::NotOpen);
}

pub(super) async fn a_link_to_reset_a_password_rests_on_what_its_maker_may<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let shop = created_app(&store).await.app_id;
    let (ann, root) = admins(&store).await;
    let bob = created_user(&store, "bob", Role::Viewer).await;
    let by = async |maker: &User, byte: u8| {
        let maker_id = Some(maker.id);
        let reset = NewPasswordReset { user_id: bob.id, hash: [byte; 32], maker_id, expires_at: 500 };
        store.set_password_reset(&reset).await.unwrap();
    };
    let is_used = async |byte: u8| store.use_password_reset(&[byte; 32], "new", 100).await.unwrap().is_some();
    by(&ann, 1).await;
    store.set_grants(ann.id, &[Grant { role: Role::Admin, app_id: Some(shop) }]).await.unwrap();
    assert!(!is_used(1).await);
    store.set_grants(ann.id, &[Role::Editor.into()]).await.unwrap();
    assert!(!is_used(1).await);
    store.set_grants(ann.id, &[Role::Admin.into()]).await.unwrap();
    store.set_disabled(ann.id, Some(5)).await.unwrap();
    assert!(!is_used(1).await);
    store.delete_user(ann.id).await.unwrap();
    assert!(!is_used(1).await);
    by(&root, 2).await;
    assert!(is_used(2).await);
}

pub(super) async fn a_link_resets_a_password_once_and_ends_sessions<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let ann = created_user(&store, "ann", Role::Viewer).await;
    store.create_session(&session(1, Some(ann.id), 100)).await.unwrap();
    let reset =
        |byte: u8| NewPasswordReset { user_id: ann.id, hash: [byte; 32], maker_id: None, expires_at: 500 };
    store.set_password_reset(&reset(1)).await.unwrap();
    store.set_password_reset(&reset(2)).await.unwrap();
    assert_eq!(store.use_password_reset(&[1; 32], "new", 200).await.unwrap(), None);
    assert_eq!(store.use_password_reset(&[2; 32], "new", 500).await.unwrap(), None);
    assert!(store.session(&[1; 32]).await.unwrap().is_some());
    let user = store.use_password_reset(&[2; 32], "new", 499).await.unwrap().unwrap();
    assert_eq!((user.id, user.password_hash.as_deref()), (ann.id, Some("new")));
    assert!(store.session(&[1; 32]).await.unwrap().is_none());
    assert_eq!(store.use_password_reset(&[2; 32], "newer", 499).await.unwrap(), None);
    store.set_password_reset(&reset(3)).await.unwrap();
    store.set_disabled(ann.id, Some(1)).await.unwrap();
    assert_eq!(store.use_password_reset(&[3; 32], "newer", 499).await.unwrap(), None);
    assert_eq!(store.user(ann.id).await.unwrap().unwrap().password_hash.as_deref(), Some("new"));
}

pub(super) async fn an_identity_belongs_to_one_user<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let (ann, bob) =
        (created_user(&store, "ann", Role::Viewer).await, created_user(&store, "bob", Role::Viewer).await);
    let identity = |subject: &str| Identity { issuer: "https://id".into(), subject: subject.to_owned() };
    assert_eq!(store.user_by_identity(&identity("1")).await.unwrap(), None);
    store.link_identity(&identity("1"), ann.id, 5).await.unwrap();
    store.link_identity(&identity("1"), bob.id, 6).await.unwrap();
    store.link_identity(&identity("2"), bob.id, 6).await.unwrap();
    assert_eq!(store.user_by_identity(&identity("1")).await.unwrap(), Some(ann.clone()));
    assert_eq!(store.user_by_identity(&identity("2")).await.unwrap(), Some(bob));
    store.delete_user(ann.id).await.unwrap();
    assert_eq!(store.user_by_identity(&identity("1")).await.unwrap(), None);
}

pub(super) async fn the_audit_log_has_pages_and_is_cut_off_at_its_end<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let (shop, blog) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let entry = |at: i64, action: &str, app_id: Option<Uuid>| NewAuditEntry {
        at,
        actor: Actor {
            kind: ActorKind::User,
            id: Some(Uuid::from_u128(9)),
            name: "ann@example.com".into(),
            address: Some("203.0.113.7".into()),
        },
        action: action.to_owned(),
        target_id: Some("x".into()),
        target_name: None,
        app_id,
        details: json!({"before": "a \"b\""}),
    };
    let written = [entry(10, "a", None), entry(20, "b", Some(shop)), entry(30, "b", Some(blog))];
    for one in &written {
        store.write_audit(one).await.unwrap();
    }
    let all = AuditFilter { limit: 10, ..AuditFilter::default() };
    let times = async |filter: AuditFilter| -> Vec<i64> {
        store.audit(&filter).await.unwrap().iter().map(|one| one.entry.at).collect()
    };
    let found = store.audit(&all).await.unwrap();
    assert_eq!(found.iter().map(|one| one.entry.clone()).rev().collect::<Vec<_>>(), written);
    assert_eq!(times(AuditFilter { before: Some(found[0].id), ..all.clone() }).await, [20, 10]);
    assert_eq!(times(AuditFilter { limit: 1, ..all.clone() }).await, [30]);
    assert_eq!(times(AuditFilter { apps: Some(vec![shop]), ..all.clone() }).await, [20]);
    assert_eq!(times(AuditFilter { apps: Some(vec![]), ..all.clone() }).await, [] as [i64; 0]);
    assert_eq!(times(AuditFilter { action: Some("b".into()), ..all.clone() }).await, [30, 20]);
    assert_eq!(times(AuditFilter { actor: Some("bob".into()), ..all.clone() }).await, [] as [i64; 0]);
    assert_eq!(times(AuditFilter { from: Some(20), to: Some(30), ..all.clone() }).await, [20]);
    store.delete_audit(20).await.unwrap();
    assert_eq!(times(all).await, [30, 20]);
}

pub(super) async fn an_app_is_renamed_and_deleted_with_all_that_is_its_own<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let (app, other) = (created_app(&store).await, created_app(&store).await);
    let ann = created_user(&store, "ann", Grant { role: Role::Admin, app_id: Some(app.app_id) }).await;
    for (owner, key) in [(&app, "sdry_one"), (&other, "sdry_two")] {
        let key = secret::credential(owner.app_id, CredentialKind::WriteKey, key, 1);
        assert!(store.create_credential(&key).await.unwrap());
    }
    let mut invited = invitation("bob@example.com");
    invited.grant.app_id = Some(app.app_id);
    store.create_invitation(&invited, &[1; 32]).await.unwrap();
    store.admit_environment(app.app_id, "prod", 1).await.unwrap();
    assert!(store.rename_app(app.app_id, "store").await.unwrap());
    assert!(!store.rename_app(Uuid::new_v4(), "store").await.unwrap());
    assert_eq!(store.app(app.app_id).await.unwrap().unwrap().name, "store");
    assert!(store.delete_app(app.app_id, 500).await.unwrap());
    assert!(!store.delete_app(app.app_id, 500).await.unwrap());
    assert_eq!(store.app(app.app_id).await.unwrap(), None);
    assert_eq!(store.credential_by_hash(&secret::hash("sdry_one")).await.unwrap(), None);
    assert!(store.credential_by_hash(&secret::hash("sdry_two")).await.unwrap().is_some());
    assert!(store.environments(app.app_id).await.unwrap().is_empty());
    assert!(store.invitations().await.unwrap().is_empty());
    assert_eq!(store.user(ann.id).await.unwrap().unwrap().grants, []);
}
