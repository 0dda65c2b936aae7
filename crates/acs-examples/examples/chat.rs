//! Chat from end to end: users and their tokens, a thread, messages, participants, typing and receipts.

use std::time::Duration;

use acs_chat::{
    ChatClient, ChatMessage, ChatMessageContent, ChatParticipant, ChatThreadClient,
    UserTokenCredential,
};
use acs_examples::Target;
use acs_identity::{IdentityClient, TokenScope};
use futures_util::TryStreamExt as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let identity = target.identity()?;

    // A server of yours makes users and hands them tokens; a chat client acts for one of them.
    let ann = identity.create_user().await?.into_inner();
    let token = identity.issue_token(&ann, [TokenScope::Chat]).await?;
    let credential = UserTokenCredential::from_token(token.secret().expose())?;
    let chat = ChatClient::new(target.endpoint()?, credential)?;

    let bob = identity.create_user().await?.into_inner();
    let participant = ChatParticipant::new(bob.clone())
        .display_name("Bob")
        .share_history_time(target.now());
    let created = chat
        .create_thread("Lunch")
        .participant(participant)
        .idempotency_token("5d2f3f5c-7c9e-4d0d-9d3c-6a3b2f0c1e11")
        .await?;
    println!(
        "Thread {:?}: {} participants could not be added",
        created.thread.topic,
        created.failed.len()
    );
    let thread = chat.thread_client(&created.thread.id);

    threads(&chat, &thread, &target).await?;
    messages(&thread, &target).await?;
    participants(&thread, &identity).await?;
    typing_and_receipts(&thread).await?;

    chat.delete_thread(thread.thread_id()).await?;
    for user in [&ann, &bob] {
        identity.delete_user(user).await?;
    }
    target.finish().await;
    Ok(())
}

async fn threads(
    chat: &ChatClient,
    thread: &ChatThreadClient,
    target: &Target,
) -> acs_chat::Result<()> {
    thread.update_topic("Lunch and a walk").await?;
    println!(
        "Its topic is {:?} now",
        thread.get_properties().await?.topic
    );

    let two_days = Duration::from_secs(2 * 24 * 60 * 60);
    let since = target.now() - two_days;
    let threads = chat.list_threads().page_size(5).start_time(since);
    let threads: Vec<_> = threads.into_stream().try_collect().await?;
    println!("{} thread changed in the last two days", threads.len());
    Ok(())
}

async fn messages(thread: &ChatThreadClient, target: &Target) -> acs_chat::Result<()> {
    let question = thread.send_message("Half past twelve?").await?;
    let html = thread
        .send_message("<b>Or one?</b>")
        .html()
        .sender_display_name("Ann")
        .metadata("mood", "hungry")
        .await?;

    thread
        .update_message(&question.id)
        .content("A quarter past twelve?")
        .await?;
    let message = thread.get_message(&question.id).await?;
    println!(
        "Message {}: {:?}, edited: {}",
        message.sequence_id,
        message.text().unwrap_or_default(),
        message.edited_on.is_some()
    );
    thread.delete_message(&html.id).await?;

    // Newest first; what the service says is in the list as well.
    let since = target.now() - Duration::from_secs(24 * 60 * 60);
    let mut pages = thread
        .list_messages()
        .page_size(2)
        .start_time(since)
        .into_stream()
        .by_page();
    while let Some(page) = pages.try_next().await? {
        for message in page.items {
            println!("  {}: {}", message.sequence_id, summary(&message));
        }
    }
    Ok(())
}

fn summary(message: &ChatMessage) -> String {
    match &message.content {
        _ if message.is_deleted() => "(deleted)".to_owned(),
        ChatMessageContent::TopicUpdated { topic, .. } => format!("(the topic is {topic:?})"),
        ChatMessageContent::ParticipantAdded { participants, .. } => {
            format!("({} came)", participants.len())
        }
        ChatMessageContent::ParticipantRemoved { participants, .. } => {
            format!("({} left)", participants.len())
        }
        _ => message.text().unwrap_or_default().to_owned(),
    }
}

async fn participants(
    thread: &ChatThreadClient,
    identity: &IdentityClient,
) -> acs_chat::Result<()> {
    let carol = identity.create_user().await?.into_inner();
    let outcome = thread
        .add_participants([ChatParticipant::new(carol.clone()).display_name("Carol")])
        .await?;
    println!("Carol is added: {}", outcome.is_complete());

    let names: Vec<_> = thread
        .list_participants()
        .page_size(5)
        .into_stream()
        .map_ok(|participant| participant.display_name)
        .try_collect()
        .await?;
    println!("{} participants", names.len());

    thread.remove_participant(carol.clone()).await?;
    println!(
        "Carol takes part: {}",
        thread.is_participant(carol.clone()).await?
    );
    identity.delete_user(&carol).await?;
    Ok(())
}

async fn typing_and_receipts(thread: &ChatThreadClient) -> acs_chat::Result<()> {
    thread
        .send_typing_notification()
        .sender_display_name("Ann")
        .await?;
    let message = thread.send_message("See you there").await?;
    thread.send_read_receipt(&message.id).await?;
    let receipts: Vec<_> = thread
        .list_read_receipts()
        .into_stream()
        .try_collect()
        .await?;
    println!("{} receipt", receipts.len());
    Ok(())
}
