//! The emulator's own routes: open to this machine, and apart from those of the service.

use crate::caller::start;

#[tokio::test]
async fn the_emulators_own_routes_need_no_signature_and_are_listed() {
    let (_emulator, caller) = start().await;
    let answer = caller.raw("GET", "/_emulator").send_unsigned().await;
    let answer = answer.expect(200);
    let routes = answer.body["routes"].as_array().unwrap();
    assert!(
        routes
            .iter()
            .any(|route| route["method"] == "GET" && route["path"] == "/_emulator"),
        "{routes:?}"
    );
}

#[tokio::test]
async fn an_unknown_route_of_the_emulator_and_a_wrong_method_are_told_apart() {
    let (_emulator, caller) = start().await;
    let unknown = caller.raw("GET", "/_emulator/nothing").send_unsigned();
    let unknown = unknown.await.expect(404);
    assert_eq!(unknown.error()["target"], "/_emulator/nothing");
    let wrong = caller.raw("DELETE", "/_emulator").send_unsigned().await;
    assert_eq!(wrong.expect(405).header("allow"), Some("GET"));
}
