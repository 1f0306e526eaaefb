//! What every metadata store must do, whatever it is made of. A backend is one line at the end of this file.

mod backends;
mod people;
mod preferences;
mod processes;

use people::*;
use preferences::*;
use processes::{
    a_lease_has_one_holder_until_its_time_is_over, a_lease_of_a_clock_that_was_far_ahead_keeps_nobody_away,
    notes_are_replaced_and_stay, of_many_who_want_a_lease_at_once_one_gets_it,
    processes_are_listed_while_they_are_seen,
};
use sendry_hub::auth::{new_user, secret};
use sendry_hub::store::StoreError;
use sendry_hub::store::metadata::{
    App, ConsumerRecord, CredentialKind, DeletedApp, Environment, EnvironmentAdmission, Grant, Maker,
    Metadata, NewToken, Role,
};
use sendry_hub::worker::{Directory, KnownConsumer};
use sendry_sdk::protocol::Consumer;
use uuid::Uuid;

/// A place where metadata lives; connecting again finds what was there.
trait Harness: Sized + Send + Sync {
    fn new() -> Self;
    fn connect(&self) -> impl Future<Output = Metadata> + Send;
    /// Connects after a newer version of the hub was here.
    fn connect_after_newer(&self) -> impl Future<Output = Result<Metadata, StoreError>> + Send;
}

fn app(name: &str) -> App {
    App { app_id: Uuid::new_v4(), name: name.to_owned(), created_at: 100 }
}

async fn created_app(store: &Metadata) -> App {
    let app = app("shop");
    store.create_app(&app, &[]).await.unwrap();
    app
}

async fn an_app_is_created_with_its_credentials_and_found_by_their_hashes<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = app("shop");
    let key = secret::credential(app.app_id, CredentialKind::WriteKey, "sdry_one", 100);
    let client = secret::credential(app.app_id, CredentialKind::ClientId, "0000-1111", 100);
    store.create_app(&app, &[key.clone(), client]).await.unwrap();
    assert_eq!(store.app(app.app_id).await.unwrap(), Some(app.clone()));
    assert_eq!(store.app(Uuid::nil()).await.unwrap(), None);
    let found = store.credential_by_hash(&secret::hash("sdry_one")).await.unwrap().unwrap();
    assert_eq!((found.id, found.app_id, found.kind), (key.id, app.app_id, CredentialKind::WriteKey));
    assert_eq!((found.prefix.as_str(), found.last_used_at, found.revoked_at), ("sdry_one", None, None));
    assert_eq!(store.credential_by_hash(&secret::hash("sdry_two")).await.unwrap(), None);
}

async fn an_app_whose_credentials_cannot_be_stored_is_not_created<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let first = app("first");
    let key = secret::credential(first.app_id, CredentialKind::WriteKey, "sdry_one", 100);
    store.create_app(&first, std::slice::from_ref(&key)).await.unwrap();
    let second = app("second");
    let same_key = secret::credential(second.app_id, CredentialKind::WriteKey, "sdry_one", 100);
    assert!(matches!(store.create_app(&second, &[same_key]).await, Err(StoreError::Refused(_))));
    assert_eq!(store.app(second.app_id).await.unwrap(), None);
}

async fn apps_are_listed_by_name_and_two_may_share_one<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    for name in ["shop", "blog", "shop"] {
        store.create_app(&app(name), &[]).await.unwrap();
    }
    let names: Vec<_> = store.apps().await.unwrap().into_iter().map(|app| app.name).collect();
    assert_eq!(names, ["blog", "shop", "shop"]);
}

async fn a_credential_is_touched_and_revoked_and_stays_listed<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    let (old, new) = ("sdry_old", "sdry_new");
    let old = secret::credential(app.app_id, CredentialKind::WriteKey, old, 100);
    let new = secret::credential(app.app_id, CredentialKind::WriteKey, new, 200);
    assert!(store.create_credential(&old).await.unwrap());
    assert!(store.create_credential(&new).await.unwrap());
    store.touch_credential(old.id, 300).await.unwrap();
    assert!(store.revoke_credential(app.app_id, old.id, 400).await.unwrap());
    assert!(store.revoke_credential(app.app_id, old.id, 500).await.unwrap());
    assert!(!store.revoke_credential(Uuid::new_v4(), new.id, 400).await.unwrap());
    let listed = store.credentials(app.app_id).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|credential| credential.id).collect();
    assert_eq!(ids, [new.id, old.id]);
    assert_eq!((listed[1].last_used_at, listed[1].revoked_at), (Some(300), Some(400)));
    assert_eq!(listed[0].revoked_at, None);
    let orphan = secret::credential(Uuid::new_v4(), CredentialKind::WriteKey, "sdry_x", 1);
    assert!(!store.create_credential(&orphan).await.unwrap());
}

async fn environments_are_created_on_first_use_up_to_twenty<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    for at in 0..20 {
        let admitted = store.admit_environment(app.app_id, &format!("e{at:02}"), 1).await.unwrap();
        assert_eq!(admitted, EnvironmentAdmission::Admitted);
    }
    let too_many = store.admit_environment(app.app_id, "one-more", 1).await.unwrap();
    assert_eq!(too_many, EnvironmentAdmission::TooMany);
    let known = store.admit_environment(app.app_id, "e07", 1).await.unwrap();
    assert_eq!(known, EnvironmentAdmission::Admitted);
    let unknown = store.admit_environment(Uuid::new_v4(), "prod", 1).await.unwrap();
    assert_eq!(unknown, EnvironmentAdmission::UnknownApp);
    assert_eq!(store.environments(app.app_id).await.unwrap().len(), 20);
}

async fn a_deleted_app_is_remembered_until_nothing_of_it_can_come<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let (first, second) = (created_app(&store).await.app_id, created_app(&store).await.app_id);
    assert_eq!(store.deleted_apps().await.unwrap(), []);
    assert!(!store.delete_app(Uuid::new_v4(), 100).await.unwrap());
    assert!(store.delete_app(second, 200).await.unwrap());
    assert!(store.delete_app(first, 300).await.unwrap());
    assert!(!store.delete_app(first, 400).await.unwrap());
    let deleted = |app_id, deleted_at| DeletedApp { app_id, deleted_at };
    let store = harness.connect().await;
    assert_eq!(store.deleted_apps().await.unwrap(), [deleted(second, 200), deleted(first, 300)]);
    // A message that was in hand when the app was deleted names a consumer; a store may refuse that.
    let ann = ConsumerRecord { hash: [1; 16], identifier: "ann".into(), name: None, group: None };
    let written = store.write_consumers(second, std::slice::from_ref(&ann), 210).await;
    assert!(matches!(written, Ok(()) | Err(StoreError::Refused(_))), "{written:?}");
    store.forget_deleted_app(second).await.unwrap();
    assert_eq!(store.consumers(second, &[ann.hash]).await.unwrap(), []);
    assert_eq!(store.deleted_apps().await.unwrap(), [deleted(first, 300)]);
}

async fn a_deleted_environment_makes_room_for_another<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    for at in 0..20 {
        store.admit_environment(app.app_id, &format!("e{at:02}"), at).await.unwrap();
    }
    assert!(store.delete_environment(app.app_id, "e07").await.unwrap());
    assert!(!store.delete_environment(app.app_id, "e07").await.unwrap());
    assert!(!store.delete_environment(Uuid::new_v4(), "e08").await.unwrap());
    let admitted = store.admit_environment(app.app_id, "Z", 50).await.unwrap();
    assert_eq!(admitted, EnvironmentAdmission::Admitted);
    let found = store.environments(app.app_id).await.unwrap();
    assert_eq!(found.len(), 20);
    assert_eq!(found[0], Environment { env: "Z".into(), created_at: 50 });
    assert_eq!(found[8], Environment { env: "e08".into(), created_at: 8 });
}

async fn environments_that_come_at_once_are_never_more_than_twenty<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    let mut tasks = tokio::task::JoinSet::new();
    for at in 0..40 {
        let store = store.clone();
        tasks.spawn(async move { store.admit_environment(app.app_id, &format!("e{at}"), 1).await.unwrap() });
    }
    let admissions = tasks.join_all().await;
    let admitted = admissions.iter().filter(|one| **one == EnvironmentAdmission::Admitted).count();
    assert_eq!((admitted, store.environments(app.app_id).await.unwrap().len()), (20, 20));
}

async fn a_token_is_found_by_its_hash_touched_and_revoked<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    let new = NewToken {
        id: Uuid::new_v4(),
        name: "ci".into(),
        hash: secret::hash("sdrt_x"),
        prefix: "sdrt_x".into(),
        grant: Grant { role: Role::Editor, app_id: Some(app.app_id) },
        created_by: Some(Maker { user_id: Some(Uuid::new_v4()), email: "ann@example.com".into() }),
        created_at: 5,
        expires_at: Some(20),
    };
    store.create_token(&new).await.unwrap();
    store.touch_token(new.id, 9).await.unwrap();
    assert!(store.revoke_token(new.id, 10).await.unwrap());
    assert!(!store.revoke_token(Uuid::new_v4(), 10).await.unwrap());
    let found = store.token_by_hash(&new.hash).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.last_used_at, found.revoked_at), ("ci", Some(9), Some(10)));
    assert_eq!((found.grant, &found.created_by, found.expires_at), (new.grant, &new.created_by, Some(20)));
    assert_eq!(store.tokens().await.unwrap(), [found]);
    assert_eq!(store.token_by_hash(&[0; 32]).await.unwrap(), None);
}

async fn an_address_belongs_to_one_user<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    assert!(!store.has_users().await.unwrap());
    let ann = new_user("Ann@Example.com", Role::Editor, "hash".into(), 7);
    assert!(store.create_user(&ann).await.unwrap());
    assert!(!store.create_user(&new_user("ann@example.com", Role::Admin, "other".into(), 8)).await.unwrap());
    assert_eq!(store.user_by_email("ann@example.com").await.unwrap(), Some(ann));
    assert_eq!(store.user_by_email("bob@example.com").await.unwrap(), None);
    assert!(store.has_users().await.unwrap());
}

async fn a_set_up_token_makes_the_first_user_once_and_in_time<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let (old, token) = (secret::hash("old"), secret::hash("token"));
    let user = |name: &str| new_user(&format!("{name}@example.com"), Role::Admin, "hash".into(), 1);
    store.set_setup_token(&old, 1_000).await.unwrap();
    store.set_setup_token(&token, 1_000).await.unwrap();
    assert!(!store.create_first_user(&user("a"), &old, 10).await.unwrap());
    assert!(!store.create_first_user(&user("a"), &token, 1_000).await.unwrap());
    assert!(!store.has_users().await.unwrap());
    assert!(store.create_first_user(&user("a"), &token, 999).await.unwrap());
    assert!(!store.create_first_user(&user("b"), &token, 999).await.unwrap());
    store.set_setup_token(&token, 1_000).await.unwrap();
    assert!(!store.create_first_user(&user("b"), &token, 10).await.unwrap());
}

async fn a_secret_is_made_once_and_stays<H: Harness>() {
    let harness = H::new();
    let (one, two) = (harness.connect().await, harness.connect().await);
    let (first, again) = tokio::join!(one.secret("a"), two.secret("a"));
    let first = first.unwrap();
    assert_eq!(first, again.unwrap());
    assert_ne!(first, one.secret("b").await.unwrap());
    assert_eq!(first, harness.connect().await.secret("a").await.unwrap());
}

async fn a_consumer_keeps_what_is_not_given_again_and_can_be_forgotten<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    let record = |name: Option<&str>, group: Option<&str>| ConsumerRecord {
        hash: [7; 16],
        identifier: "ann".into(),
        name: name.map(str::to_owned),
        group: group.map(str::to_owned),
    };
    store.write_consumers(app.app_id, &[record(Some("Ann"), None)], 1).await.unwrap();
    store.write_consumers(app.app_id, &[record(None, Some("pro"))], 2).await.unwrap();
    let found = store.consumers(app.app_id, &[[7; 16], [8; 16]]).await.unwrap();
    assert_eq!(found, [record(Some("Ann"), Some("pro"))]);
    assert!(store.forget_consumer(app.app_id, &[7; 16]).await.unwrap());
    assert!(!store.forget_consumer(app.app_id, &[7; 16]).await.unwrap());
    assert!(store.consumers(app.app_id, &[[7; 16]]).await.unwrap().is_empty());
}

async fn consumers_that_come_twice_in_one_message_are_written_once<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    let record = |hash: u8, name: Option<&str>| ConsumerRecord {
        hash: [hash; 16],
        identifier: format!("id-{hash}"),
        name: name.map(str::to_owned),
        group: None,
    };
    let batch = [record(2, Some("Old")), record(1, Some("One")), record(2, Some("New")), record(2, None)];
    store.write_consumers(app.app_id, &batch, 1).await.unwrap();
    let found = store.consumers(app.app_id, &[[2; 16], [1; 16]]).await.unwrap();
    assert_eq!(found, [record(2, Some("New")), record(1, Some("One"))]);
    store.write_consumers(app.app_id, &[], 2).await.unwrap();
}

async fn a_name_with_a_nul_stops_nothing<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = app("sh\0op");
    store.create_app(&app, &[]).await.unwrap();
    let identifier = "an\0n".to_owned();
    let record = ConsumerRecord { hash: [1; 16], identifier, name: Some("A\0".into()), group: None };
    store.write_consumers(app.app_id, &[record], 1).await.unwrap();
    assert_eq!(store.consumers(app.app_id, &[[1; 16]]).await.unwrap().len(), 1);
    assert_eq!(store.user_by_email("a\0@example.com").await.unwrap(), None);
}

async fn the_worker_finds_its_directory_in_it<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    let clock = sendry_hub::clock::ManualClock::at(50);
    let directory = sendry_hub::store::metadata::MetadataDirectory::new(store.clone(), clock);
    assert!(directory.app_exists(app.app_id).await.unwrap());
    assert!(!directory.app_exists(Uuid::new_v4()).await.unwrap());
    assert!(directory.register_environment(app.app_id, "prod").await.unwrap());
    assert!(!directory.register_environment(Uuid::new_v4(), "prod").await.unwrap());
    let consumer = Consumer { identifier: "ann".into(), name: Some("Ann".into()), group: None };
    directory.register_consumers(app.app_id, &[KnownConsumer { hash: [3; 16], consumer }]).await.unwrap();
    assert_eq!(store.consumers(app.app_id, &[[3; 16]]).await.unwrap()[0].identifier, "ann");
    directory.check().await.unwrap();
}

async fn consumers_that_were_not_written_for_long_expire<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let apps = [created_app(&store).await.app_id, created_app(&store).await.app_id];
    let record = |number: u8| ConsumerRecord {
        hash: [number; 16],
        identifier: number.to_string(),
        name: None,
        group: None,
    };
    for app_id in apps {
        store.write_consumers(app_id, &[record(1), record(2), record(3)], 100).await.unwrap();
        store.write_consumers(app_id, &[record(3)], 200).await.unwrap();
    }
    let known = async || {
        let mut known = Vec::new();
        for app_id in apps {
            let found = store.consumers(app_id, &[[1; 16], [2; 16], [3; 16]]).await.unwrap();
            known.extend(found.into_iter().map(|one| one.identifier));
        }
        known
    };
    assert_eq!(store.expire_consumers(100, 10).await.unwrap(), 0);
    assert_eq!(store.expire_consumers(101, 3).await.unwrap(), 3);
    assert_eq!(store.expire_consumers(101, 3).await.unwrap(), 1);
    assert_eq!(store.expire_consumers(200, 3).await.unwrap(), 0);
    assert_eq!(known().await, ["3", "3"]);
}

async fn two_processes_write_at_once_and_nothing_is_lost<H: Harness>() {
    let harness = H::new();
    let mut tasks = tokio::task::JoinSet::new();
    for process in 0..3 {
        let store = harness.connect().await;
        tasks.spawn(async move {
            for at in 0..20 {
                store.create_app(&app(&format!("app-{process}-{at}")), &[]).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(harness.connect().await.apps().await.unwrap().len(), 60);
}

async fn what_was_written_is_there_after_a_restart<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app = created_app(&store).await;
    store.close().await;
    assert!(store.check().await.is_err());
    let again = harness.connect().await;
    again.check().await.unwrap();
    assert_eq!(again.apps().await.unwrap(), [app]);
}

async fn a_schema_of_a_newer_hub_is_refused<H: Harness>() {
    let harness = H::new();
    harness.connect().await.close().await;
    assert!(matches!(harness.connect_after_newer().await, Err(StoreError::SchemaTooNew(_))));
}

macro_rules! suite {
    ($backend:ident, $harness:ty, [$($test:ident),* $(,)?]) => {
        mod $backend {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test::<$harness>().await;
                }
            )*
        }
    };
}

macro_rules! metadata_contract {
    ($backend:ident, $harness:ty) => {
        suite!(
            $backend,
            $harness,
            [
                an_app_is_created_with_its_credentials_and_found_by_their_hashes,
                an_app_whose_credentials_cannot_be_stored_is_not_created,
                apps_are_listed_by_name_and_two_may_share_one,
                a_credential_is_touched_and_revoked_and_stays_listed,
                environments_are_created_on_first_use_up_to_twenty,
                environments_that_come_at_once_are_never_more_than_twenty,
                a_deleted_environment_makes_room_for_another,
                a_token_is_found_by_its_hash_touched_and_revoked,
                an_address_belongs_to_one_user,
                a_set_up_token_makes_the_first_user_once_and_in_time,
                a_session_has_its_user_and_ends,
                sessions_of_a_user_are_listed_and_ended,
                what_a_user_may_do_is_replaced_as_a_whole,
                the_last_admin_of_the_hub_stays_one,
                a_disabled_user_has_no_session_and_can_come_back,
                an_invitation_makes_a_user_once_and_in_time,
                a_link_resets_a_password_once_and_ends_sessions,
                an_invitation_rests_on_what_its_maker_may,
                a_link_to_reset_a_password_rests_on_what_its_maker_may,
                an_identity_belongs_to_one_user,
                the_audit_log_has_pages_and_is_cut_off_at_its_end,
                an_app_is_renamed_and_deleted_with_all_that_is_its_own,
                thresholds_of_an_app_are_replaced_as_a_whole,
                an_error_is_expected_once_and_no_more,
                a_view_is_seen_by_its_owner_and_when_it_is_shared_by_all,
                a_secret_is_made_once_and_stays,
                a_consumer_keeps_what_is_not_given_again_and_can_be_forgotten,
                consumers_that_were_not_written_for_long_expire,
                the_worker_finds_its_directory_in_it,
                two_processes_write_at_once_and_nothing_is_lost,
                consumers_that_come_twice_in_one_message_are_written_once,
                a_name_with_a_nul_stops_nothing,
                a_lease_has_one_holder_until_its_time_is_over,
                a_lease_of_a_clock_that_was_far_ahead_keeps_nobody_away,
                notes_are_replaced_and_stay,
                a_deleted_app_is_remembered_until_nothing_of_it_can_come,
                of_many_who_want_a_lease_at_once_one_gets_it,
                processes_are_listed_while_they_are_seen,
                what_was_written_is_there_after_a_restart,
                a_schema_of_a_newer_hub_is_refused,
            ]
        );
    };
}

metadata_contract!(on_sqlite, backends::Sqlite);
metadata_contract!(on_postgres, backends::Postgres);
