//! Chat.

mod following;
mod messages;
mod participants;
mod refusals;
mod surface;
mod threads;

use acs_chat::{ChatClient, ClientOptions, Endpoint, RetryOptions, UserTokenCredential};
use acs_test_support::{AcsMockServer, Expectation, USER_TOKEN};
use serde_json::{Value, json};

use crate::case::{Called, CaseOf, run_all};
use crate::coverage::CHAT;

type Case = CaseOf<ChatClient>;

/// A thread as it stands in paths.
const THREAD_ID: &str = "19:abc_1@thread.v2";
const THREAD: &str = "/chat/threads/19%3Aabc_1@thread.v2";

fn client_of(endpoint: &str, options: ClientOptions) -> ChatClient {
    let endpoint = Endpoint::parse(endpoint).expect("endpoint");
    let user = UserTokenCredential::from_token(USER_TOKEN).expect("token");
    ChatClient::with_options(endpoint, user, options).expect("client")
}

impl Called for ChatClient {
    fn of(server: &AcsMockServer) -> Self {
        client_of(
            &server.endpoint(),
            ClientOptions::new().retry(RetryOptions::none()),
        )
    }

    fn get<'a>(server: &'a AcsMockServer, path: &str) -> Expectation<'a> {
        server.chat("GET", path)
    }
}

/// Each kind of participant as the service writes it, with the display name `Ann` and everything else that there is.
fn participants() -> Value {
    let of = |identifier: Value| {
        json!({
            "communicationIdentifier": identifier,
            "displayName": "Ann",
            "shareHistoryTime": "1970-01-01T00:00:00Z",
            "metadata": {"desk": "7"},
        })
    };
    json!([
        of(user()),
        of(
            json!({"kind": "phoneNumber", "rawId": "4:+14255550123", "phoneNumber": {"value": "+14255550123"}})
        ),
        of(json!({
            "kind": "microsoftTeamsUser",
            "rawId": "8:dod:u-1",
            "microsoftTeamsUser": {"userId": "u-1", "isAnonymous": false, "cloud": "dod"},
        })),
        of(json!({
            "kind": "microsoftTeamsApp",
            "rawId": "28:orgid:a-1",
            "microsoftTeamsApp": {"appId": "a-1", "cloud": "public"},
        })),
    ])
}

/// A user as the service writes it.
fn user() -> Value {
    json!({
        "kind": "communicationUser",
        "rawId": "8:acs:r_ann",
        "communicationUser": {"id": "8:acs:r_ann"},
    })
}

/// An error of a participant, with everything that there is.
fn error(target: &str) -> Value {
    let inner = json!({"code": "c", "message": "m"});
    json!({
        "code": "403",
        "message": "Permissions check failed",
        "target": target,
        "details": [inner],
        "innererror": inner,
    })
}

fn cases() -> Vec<Case> {
    [threads::cases(), messages::cases(), participants::cases()]
        .into_iter()
        .flatten()
        .collect()
}

#[tokio::test]
async fn every_case_sends_and_reads_what_it_says_and_together_they_leave_out_nothing() {
    run_all(&cases(), &CHAT).await;
}
