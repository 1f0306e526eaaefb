//! What every metadata store must do with thresholds, expected errors and saved views.

use sendry_hub::store::metadata::{ApdexThreshold, ExpectedError, SavedView};
use uuid::Uuid;

use super::{Harness, created_app};

pub(super) async fn thresholds_of_an_app_are_replaced_as_a_whole<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let (app, other) = (created_app(&store).await.app_id, created_app(&store).await.app_id);
    let of = |endpoint: Option<(&str, &str)>, threshold_ms| ApdexThreshold {
        endpoint: endpoint.map(|(method, path)| (method.to_owned(), path.to_owned())),
        threshold_ms,
    };
    let thresholds = [of(None, 300), of(Some(("GET", "/a")), 20), of(Some(("GET", "/b")), 600_000)];
    store.set_apdex_thresholds(app, &thresholds).await.unwrap();
    store.set_apdex_thresholds(other, &[of(None, 7)]).await.unwrap();
    assert_eq!(store.apdex_thresholds(app).await.unwrap(), thresholds);
    store.set_apdex_thresholds(app, &thresholds[1..2]).await.unwrap();
    assert_eq!(store.apdex_thresholds(app).await.unwrap(), thresholds[1..2]);
    assert_eq!(store.apdex_thresholds(other).await.unwrap(), [of(None, 7)]);
    assert!(store.delete_app(app, 500).await.unwrap());
    assert!(store.apdex_thresholds(app).await.unwrap().is_empty());
}

pub(super) async fn an_error_is_expected_once_and_no_more<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app_id = created_app(&store).await.app_id;
    let expected = |method: &str, status: u16| ExpectedError {
        id: Uuid::new_v4(),
        app_id,
        method: method.to_owned(),
        path: "/orders/{id}".into(),
        status,
        created_by: "ann@example.com".into(),
        created_at: 5,
    };
    let (get, post) = (expected("GET", 404), expected("POST", 409));
    assert!(store.expect_error(&post).await.unwrap());
    assert!(store.expect_error(&get).await.unwrap());
    assert!(!store.expect_error(&expected("GET", 404)).await.unwrap());
    assert_eq!(store.expected_errors(app_id).await.unwrap(), [get.clone(), post.clone()]);
    assert!(!store.unexpect_error(Uuid::new_v4(), get.id).await.unwrap());
    assert!(store.unexpect_error(app_id, get.id).await.unwrap());
    assert!(!store.unexpect_error(app_id, get.id).await.unwrap());
    assert_eq!(store.expected_errors(app_id).await.unwrap(), [post]);
}

pub(super) async fn a_view_is_seen_by_its_owner_and_when_it_is_shared_by_all<H: Harness>() {
    let harness = H::new();
    let store = harness.connect().await;
    let app_id = created_app(&store).await.app_id;
    let (ann, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let view = |name: &str, owner_id: Option<Uuid>, shared: bool| SavedView {
        id: Uuid::new_v4(),
        owner_id,
        owner_name: "somebody".into(),
        app_id: Some(app_id),
        name: name.to_owned(),
        url: "/apps?env=prod".into(),
        shared,
        created_at: 5,
    };
    let (own, shared) = (view("b", Some(ann), false), view("a", Some(ann), true));
    let local = view("c", None, false);
    for one in [&own, &shared, &local] {
        store.create_view(one).await.unwrap();
    }
    assert_eq!(store.views(Some(ann)).await.unwrap(), [shared.clone(), own.clone()]);
    assert_eq!(store.views(Some(bob)).await.unwrap(), std::slice::from_ref(&shared));
    assert_eq!(store.views(None).await.unwrap(), [shared.clone(), local]);
    assert!(store.change_view(own.id, "d", true).await.unwrap());
    assert!(!store.change_view(Uuid::new_v4(), "d", true).await.unwrap());
    let seen: Vec<_> = store.views(Some(bob)).await.unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(seen, ["a", "d"]);
    assert!(store.delete_view(shared.id).await.unwrap());
    assert!(!store.delete_view(shared.id).await.unwrap());
    assert!(store.delete_app(app_id, 500).await.unwrap());
    assert!(store.views(None).await.unwrap().is_empty());
}
