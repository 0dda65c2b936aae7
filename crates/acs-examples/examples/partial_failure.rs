//! Adding people to a thread of whom some cannot be added, and adding them again.

use acs_chat::{ChatClient, ChatParticipant, CommunicationUserIdentifier, FailedParticipant};
use acs_examples::Target;
use acs_identity::TokenScope;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let identity = target.identity()?;
    let ann = identity.create_user().await?;
    let chat = ChatClient::new(
        target.endpoint()?,
        identity.user_credential(&ann, [TokenScope::Chat]),
    )?;

    let bob = identity.create_user().await?.into_inner();
    let gone = identity.create_user().await?.into_inner();
    identity.delete_user(&gone).await?;

    // The call succeeds: the thread is there and Bob is in it. Whoever could not be added is in the outcome.
    let created = chat
        .create_thread("Partial failure")
        .participant(named(&bob, "Bob"))
        .participant(named(&gone, "Somebody who has left"))
        .await?;
    println!("{} of 2 could not be added", created.failed.len());
    let thread = chat.thread_client(&created.thread.id);

    let again = worth_another_try(created.failed);
    println!("{} is worth another try", again.len());
    let outcome = thread.add_participants(again).await?;
    for failed in &outcome.failed {
        let name = failed.participant.as_ref();
        let name = name.and_then(|participant| participant.display_name.as_deref());
        println!(
            "{} was not added: {}",
            name.unwrap_or("somebody"),
            failed.error.code
        );
    }

    chat.delete_thread(thread.thread_id()).await?;
    for user in [&ann, &bob] {
        identity.delete_user(user).await?;
    }
    target.finish().await;
    Ok(())
}

fn named(user: &CommunicationUserIdentifier, name: &str) -> ChatParticipant {
    ChatParticipant::new(user.clone()).display_name(name)
}

/// Those who may be known a moment later. Whoever may not take part is not asked for again.
fn worth_another_try(failed: Vec<FailedParticipant>) -> Vec<ChatParticipant> {
    let unknown = failed
        .into_iter()
        .filter(|failed| failed.error.code == "404");
    unknown.filter_map(|failed| failed.participant).collect()
}
