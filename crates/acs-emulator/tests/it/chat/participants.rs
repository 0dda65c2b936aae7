//! Participants: partial failures, removal, and who may do what.

use serde_json::{Value, json};

use crate::caller::start;
use crate::user::{IDENTITY, chat_error, user, user_with_scopes};

// chat 53, 54, 55, auth 70
#[tokio::test]
async fn those_who_cannot_be_added_are_named_in_a_success() {
    let (_emulator, caller) = start().await;
    let (alice, bob) = (user(&caller).await, user(&caller).await);
    let id_alone = json!({ "communicationIdentifier": { "rawId": bob.id } });
    let member_alone =
        json!({ "communicationIdentifier": { "communicationUser": { "id": alice.id } } });
    let teams = json!({ "communicationIdentifier": { "microsoftTeamsUser": { "userId": "t", "cloud": "PUBLIC" } } });
    let unknown =
        json!({ "communicationIdentifier": { "rawId": "8:acs:x_y" }, "displayName": "Nobody" });
    let invalid = json!([
        { "code": "403", "message": "Permissions check failed", "target": "8:orgid:t" },
        { "code": "404", "message": "Not found", "target": "8:acs:x_y" },
    ]);
    let body =
        json!({ "topic": "Lunch", "participants": [id_alone, teams, member_alone, unknown] });
    let created = alice.post("threads", body).await.expect(201).body;
    assert_eq!(created["invalidParticipants"], invalid);

    let path = format!(
        "threads/{}/participants",
        created["chatThread"]["id"].as_str().unwrap()
    );
    let joined = alice.get(&path).await.expect(200).body;
    assert_eq!(joined["value"].as_array().unwrap().len(), 2);
    let add = format!("{path}/:add");
    let answer = alice
        .post(&add, json!({ "participants": [teams, unknown] }))
        .await
        .expect(201);
    assert_eq!(answer.body, json!({ "invalidParticipants": invalid }));
    let carol = user(&caller).await;
    let answer = alice
        .post(&add, json!({ "participants": [carol.participant()] }))
        .await
        .expect(201);
    assert_eq!(answer.body, json!({}));
}

// chat 59, 61
#[tokio::test]
async fn a_removed_participant_sends_no_more() {
    let (_emulator, caller) = start().await;
    let (alice, bob) = (user(&caller).await, user(&caller).await);
    let thread = alice.thread_with(&[&bob]).await;
    bob.send(&thread, "hello").await;
    let remove = format!("{thread}/participants/:remove");
    alice.post(&remove, bob.identifier()).await.expect(204);
    alice.post(&remove, bob.identifier()).await.expect(404);
    let messages = format!("{thread}/messages");
    let refused = bob
        .post(&messages, json!({ "content": "again" }))
        .await
        .expect(403);
    // chat 71
    let (code, message) = chat_error(&refused);
    assert_eq!(code, "Forbidden");
    assert!(
        message.starts_with("The initiator doesn't have the permission"),
        "{message}"
    );
    assert_eq!(
        bob.get(&messages).await.expect(200).body["value"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

// chat 68, 69
#[tokio::test]
async fn scopes_decide_what_a_user_may_do() {
    let (_emulator, caller) = start().await;
    let owner = user(&caller).await;
    let extra = user(&caller).await;
    let may = |answer: crate::caller::Answer| {
        let allowed = (200..300).contains(&answer.status);
        assert!(allowed || answer.status == 403, "{answer:?}");
        allowed
    };
    for (scopes, creates, adds, sends) in [
        (&["chat"][..], true, true, true),
        (&["chat.join"], false, true, true),
        (&["chat.join.limited"], false, false, true),
        (&["voip", "chat.join.limited"], false, false, true),
        (&["voip"], false, false, false),
    ] {
        let guest = user_with_scopes(&caller, scopes).await;
        let thread = owner.thread_with(&[&guest]).await;
        let topic = || json!({ "topic": "Mine" });
        let extra = || json!({ "participants": [extra.participant()] });
        assert_eq!(
            may(guest.post("threads", topic()).await),
            creates,
            "{scopes:?}"
        );
        assert_eq!(
            may(guest.patch(&thread, topic()).await),
            creates,
            "{scopes:?}"
        );
        assert_eq!(
            may(guest
                .post(&format!("{thread}/participants/:add"), extra())
                .await),
            adds,
            "{scopes:?}"
        );
        let message = json!({ "content": "hello" });
        assert_eq!(
            may(guest.post(&format!("{thread}/messages"), message).await),
            sends,
            "{scopes:?}"
        );
        assert_eq!(
            may(guest.get(&format!("{thread}/messages")).await),
            sends,
            "{scopes:?}"
        );
    }
}

// auth 77
#[tokio::test]
async fn a_deleted_user_is_a_participant_no_more() {
    let (_emulator, caller) = start().await;
    let (alice, bob) = (user(&caller).await, user(&caller).await);
    let thread = alice.thread_with(&[&bob]).await;
    let delete = caller.raw("DELETE", &format!("/identities/{}?{IDENTITY}", bob.id));
    delete.send().await.expect(204);
    let joined = alice
        .get(&format!("{thread}/participants"))
        .await
        .expect(200)
        .body;
    let ids: Vec<&Value> = joined["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["communicationIdentifier"]["rawId"])
        .collect();
    assert_eq!(ids, [&json!(alice.id)]);
    let add = format!("{thread}/participants/:add");
    let answer = alice
        .post(&add, json!({ "participants": [bob.participant()] }))
        .await
        .expect(201);
    assert_eq!(answer.body["invalidParticipants"][0]["code"], "404");
}
