//! Users talk: identities, threads, messages, and what others see of them.

use acs_chat::{
    ChatClient, ChatMessageContent, ChatParticipant, ChatThreadClient, UserTokenCredential,
};
use acs_identity::{CommunicationUserIdentifier, TokenScope};
use acs_jobrouter::Result;
use futures_util::TryStreamExt as _;

use crate::target::{Stage, eventually, on_each_target};

/// A user with a client of its own.
struct Person {
    id: CommunicationUserIdentifier,
    chat: ChatClient,
}

async fn person(stage: &Stage) -> Result<Person> {
    let id = stage.identity.create_user().await?.into_inner();
    let credential = stage.identity.user_credential(&id, [TokenScope::Chat]);
    let chat = ChatClient::new(stage.endpoint.clone(), credential)?;
    Ok(Person { id, chat })
}

/// A thread of Ann's with Bob in it, as both see it.
async fn thread_of(ann: &Person, bob: &Person) -> Result<[ChatThreadClient; 2]> {
    let created = ann
        .chat
        .create_thread("Lunch")
        .participant(ChatParticipant::new(bob.id.clone()).display_name("Bob"))
        .await?;
    assert!(created.is_complete(), "{:?}", created.failed);
    let id = &created.thread.id;
    Ok([ann, bob].map(|person| person.chat.thread_client(id)))
}

async fn clean_up(stage: &Stage, people: &[&Person]) -> Result<()> {
    for person in people {
        stage.identity.delete_user(&person.id).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_one_writes_changes_and_deletes_the_other_sees() {
    on_each_target("conversation", |stage| async move {
        let (ann, bob) = (person(&stage).await?, person(&stage).await?);
        let [of_ann, of_bob] = thread_of(&ann, &bob).await?;

        let question = of_ann.send_message("Half past twelve?").await?;
        let seen = eventually(async || of_bob.get_message_opt(&question.id).await).await?;
        assert_eq!(seen.text(), Some("Half past twelve?"));

        of_ann.update_message(&question.id).content("One?").await?;
        eventually(async || {
            let message = of_bob.get_message(&question.id).await?;
            Ok((message.text() == Some("One?") && message.edited_on.is_some()).then_some(()))
        })
        .await?;

        of_ann.delete_message(&question.id).await?;
        eventually(async || {
            let message = of_bob.get_message(&question.id).await?;
            Ok(message.is_deleted().then_some(()))
        })
        .await?;
        ann.chat.delete_thread(of_ann.thread_id()).await?;
        clean_up(&stage, &[&ann, &bob]).await
    })
    .await;
}

#[tokio::test]
async fn nobody_changes_what_another_one_wrote() {
    on_each_target("rights", |stage| async move {
        let (ann, bob) = (person(&stage).await?, person(&stage).await?);
        let [of_ann, of_bob] = thread_of(&ann, &bob).await?;
        let message = of_ann.send_message("mine").await?;

        let refused = of_bob.update_message(&message.id).content("yours").await;
        assert!(refused.is_err_and(|error| error.is_forbidden()));

        let stranger = person(&stage).await?;
        let outside = stranger.chat.thread_client(of_ann.thread_id());
        let refused = outside.send_message("let me in").await;
        assert!(refused.is_err_and(|error| error.is_forbidden() || error.is_not_found()));
        ann.chat.delete_thread(of_ann.thread_id()).await?;
        clean_up(&stage, &[&ann, &bob, &stranger]).await
    })
    .await;
}

#[tokio::test]
async fn comings_and_goings_are_told_in_the_thread() {
    on_each_target("comings", |stage| async move {
        let (ann, bob) = (person(&stage).await?, person(&stage).await?);
        let [of_ann, of_bob] = thread_of(&ann, &bob).await?;
        of_ann.update_topic("Dinner").await?;
        of_ann.remove_participant(bob.id.clone()).await?;
        assert!(!of_ann.is_participant(bob.id.clone()).await?);
        let refused = of_bob.send_message("hello?").await;
        assert!(refused.is_err_and(|error| error.is_forbidden() || error.is_not_found()));

        let told: Vec<_> = of_ann.list_messages().into_stream().try_collect().await?;
        let told = |wanted: fn(&ChatMessageContent) -> bool| {
            told.iter().any(|message| wanted(&message.content))
        };
        assert!(told(|content| matches!(
            content,
            ChatMessageContent::TopicUpdated { topic, .. } if topic == "Dinner"
        )));
        assert!(told(|content| matches!(
            content,
            ChatMessageContent::ParticipantRemoved { participants, .. } if participants.len() == 1
        )));
        ann.chat.delete_thread(of_ann.thread_id()).await?;
        clean_up(&stage, &[&ann, &bob]).await
    })
    .await;
}

#[tokio::test]
async fn reading_is_told_by_receipts() {
    on_each_target("receipts", |stage| async move {
        let (ann, bob) = (person(&stage).await?, person(&stage).await?);
        let [of_ann, of_bob] = thread_of(&ann, &bob).await?;
        let message = of_ann.send_message("read this").await?;
        eventually(async || of_bob.get_message_opt(&message.id).await).await?;
        of_bob.send_typing_notification().await?;
        of_bob.send_read_receipt(&message.id).await?;

        let receipt = eventually(async || {
            let receipts: Vec<_> = of_ann
                .list_read_receipts()
                .into_stream()
                .try_collect()
                .await?;
            Ok(receipts
                .into_iter()
                .find(|receipt| receipt.chat_message_id == message.id))
        });
        assert_eq!(receipt.await?.sender, bob.id.clone().into());
        ann.chat.delete_thread(of_ann.thread_id()).await?;
        clean_up(&stage, &[&ann, &bob]).await
    })
    .await;
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_a_deleted_user_is_gone() {
    on_each_target("revoked", |stage| async move {
        let ann = person(&stage).await?;
        let token = stage
            .identity
            .issue_token(&ann.id, [TokenScope::Chat])
            .await?;
        let credential = UserTokenCredential::from_token(token.secret().expose()).expect("a token");
        let chat = ChatClient::new(stage.endpoint.clone(), credential)?;
        let created = chat.create_thread("Mine").await?;
        chat.delete_thread(&created.thread.id).await?;

        stage.identity.revoke_tokens(&ann.id).await?;
        eventually(async || match chat.create_thread("Mine again").await {
            Err(error) if error.is_unauthorized() => Ok(Some(())),
            other => other.map(|_| None),
        })
        .await?;

        stage.identity.delete_user(&ann.id).await?;
        let refused = stage
            .identity
            .issue_token(&ann.id, [TokenScope::Chat])
            .await;
        assert!(refused.is_err());
        Ok(())
    })
    .await;
}
