//! Creating users and sending messages.

use acs_chat::{ChatClient, UserTokenCredential};
use acs_identity::{ConnectionString, IdentityClient};

use crate::by_hand::ByHand;
use crate::measure::{Plan, compare};
use crate::{KEY, Outcome};

/// Signed, and valid until the year 2286.
pub(crate) const USER_TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.c2lnbmF0dXJl";
const TEXT: &str = "Shall we have lunch at half past twelve?";

pub(crate) async fn compare_all(by_hand: &ByHand, address: &str) -> Outcome {
    let connection = ConnectionString::parse(&format!("endpoint={address};accesskey={KEY}"))?;
    let endpoint = connection.endpoint();
    let identity = &IdentityClient::new(endpoint.clone(), connection.access_key().clone())?;
    let user = UserTokenCredential::from_token(USER_TOKEN)?;
    let thread = &ChatClient::new(endpoint.clone(), user)?.thread_client("19:abc@thread.v2");

    let plan = Plan {
        what: "create user, 32 at a time",
        times_a_round: 6_000,
        at_a_time: 32,
    };
    compare(
        plan,
        || async { by_hand.create_user().await.map(drop) },
        || async { Ok(identity.create_user().await.map(drop)?) },
    )
    .await?;

    let plan = Plan {
        what: "send message, 32 at a time",
        ..plan
    };
    compare(
        plan,
        || async { by_hand.send_message(TEXT).await.map(drop) },
        || async {
            let call = thread.send_message(TEXT).sender_display_name("Ann");
            Ok(call.await.map(drop)?)
        },
    )
    .await
}
