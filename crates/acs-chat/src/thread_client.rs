//! The client for what happens in one thread.

use acs_core::{Request, Response, Result};
use acs_core_chat::client;
use acs_core_chat::models::SendReadReceiptRequest;
use acs_core_chat::operations::{
    ADD_CHAT_PARTICIPANTS, DELETE_CHAT_MESSAGE, GET_CHAT_MESSAGE, GET_CHAT_THREAD_PROPERTIES,
    LIST_CHAT_PARTICIPANTS, REMOVE_CHAT_PARTICIPANT, SEND_CHAT_READ_RECEIPT,
};
use acs_types::CommunicationIdentifier;
use futures_util::TryStreamExt as _;

use crate::calls::{
    AddInBatches, ListMessages, ListParticipants, ListReadReceipts, MessagesSince, SendMessage,
    SendTypingNotification, Start, Thread, UpdateMessage, UpdateProperties, add, check_identifier,
};
use crate::models::{ChatMessage, ChatParticipant, ChatThreadProperties, raw_identifier};
use crate::outcome::AddedParticipants;

/// A client for the messages, participants and receipts of one thread; [`ChatClient::thread_client`] makes it.
///
/// Cheap to clone; clones share connections. All methods return a call that is sent when it is awaited. What every call can
/// meet stands at [`ChatClient`]; a user who does not take part in the thread gets 403 on all of them.
///
/// [`ChatClient`]: crate::ChatClient
/// [`ChatClient::thread_client`]: crate::ChatClient::thread_client
#[derive(Clone, Debug)]
pub struct ChatThreadClient {
    thread: Thread,
}

impl ChatThreadClient {
    pub(crate) fn new(thread: Thread) -> Self {
        Self { thread }
    }

    /// The id of the thread.
    #[must_use]
    pub fn thread_id(&self) -> &str {
        &self.thread.id
    }

    /// Reads the thread. `GET /chat/threads/{chatThreadId}`
    ///
    /// Limit: 50 calls in 10 seconds for a user.
    ///
    /// # Errors
    ///
    /// 404 or 403 if there is no such thread (any more).
    pub fn get_properties(&self) -> Request<Response<ChatThreadProperties>> {
        let thread = self.thread.clone();
        Request::new(&GET_CHAT_THREAD_PROPERTIES, async move {
            let call = thread.call(&GET_CHAT_THREAD_PROPERTIES)?;
            let result = client(&call).get_chat_thread_properties(&thread.id).await;
            call.finish_as(result)
        })
    }

    /// Reads the thread, which may not be there: 404 is `None`. `GET /chat/threads/{chatThreadId}`
    pub fn get_properties_opt(&self) -> Request<Option<Response<ChatThreadProperties>>> {
        let get = self.get_properties();
        Request::new(&GET_CHAT_THREAD_PROPERTIES, async move {
            none_if_not_found(get.await)
        })
    }

    /// Gives the thread a new topic. `PATCH /chat/threads/{chatThreadId}`
    ///
    /// Everybody who takes part may do so. It adds a message of the system. Limit: 5 changes in 10 seconds for a thread.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](acs_core::Error::Config) for an empty topic. 403 if the token is not for `chat`.
    pub fn update_topic(&self, topic: impl Into<String>) -> UpdateProperties {
        self.update_properties().topic(topic)
    }

    /// Changes the topic, metadata or retention policy of the thread. `PATCH /chat/threads/{chatThreadId}`
    ///
    /// ```no_run
    /// use acs_chat::{ChatThreadClient, ThreadCreationDateRetentionPolicy};
    ///
    /// # async fn example(thread: ChatThreadClient) -> acs_chat::Result<()> {
    /// thread
    ///     .update_properties()
    ///     .metadata("case", "4711")
    ///     .retention_policy(ThreadCreationDateRetentionPolicy::new(60))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Limit: 5 changes in 10 seconds for a thread.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](acs_core::Error::Config) for an empty topic. 403 if the token is not for `chat`.
    pub fn update_properties(&self) -> UpdateProperties {
        UpdateProperties::new(&self.thread)
    }

    /// Sends a message. `POST /chat/threads/{chatThreadId}/messages`
    ///
    /// ```no_run
    /// use acs_chat::ChatThreadClient;
    ///
    /// # async fn example(thread: ChatThreadClient) -> acs_chat::Result<()> {
    /// let sent = thread.send_message("<b>Half past twelve</b>").html().sender_display_name("Ann").await?;
    /// println!("message {}", sent.id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Limits: about 28 kB; 10 messages in 10 seconds and 30 in a minute for a thread, edits and deletions included.
    ///
    /// # Errors
    ///
    /// 400 `BadRequest` for a message that is too large.
    pub fn send_message(&self, content: impl Into<String>) -> SendMessage {
        SendMessage::new(&self.thread, content.into())
    }

    /// Reads a message. `GET /chat/threads/{chatThreadId}/messages/{chatMessageId}`
    ///
    /// Limits in 10 seconds: 50 calls for a user in a thread, 250 for a thread.
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is no such message; for a moment also right after it was sent.
    pub fn get_message(&self, message_id: impl Into<String>) -> Request<Response<ChatMessage>> {
        let (thread, message_id) = (self.thread.clone(), message_id.into());
        Request::new(&GET_CHAT_MESSAGE, async move {
            let call = thread.message_call(&GET_CHAT_MESSAGE, &message_id)?;
            let result = client(&call)
                .get_chat_message(&thread.id, &message_id)
                .await;
            call.finish_as(result)
        })
    }

    /// Reads a message that may not be there: 404 is `None`.
    /// `GET /chat/threads/{chatThreadId}/messages/{chatMessageId}`
    pub fn get_message_opt(
        &self,
        message_id: impl Into<String>,
    ) -> Request<Option<Response<ChatMessage>>> {
        let get = self.get_message(message_id);
        Request::new(
            &GET_CHAT_MESSAGE,
            async move { none_if_not_found(get.await) },
        )
    }

    /// Lists the messages of the thread, the last changed first. `GET /chat/threads/{chatThreadId}/messages`
    ///
    /// Messages of the system and deleted ones are among them.
    ///
    /// ```no_run
    /// use acs_chat::ChatThreadClient;
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn example(thread: ChatThreadClient) -> acs_chat::Result<()> {
    /// let mut messages = thread.list_messages().page_size(50).into_stream();
    /// while let Some(message) = messages.try_next().await? {
    ///     println!("{} {}", message.id, message.text().unwrap_or("(of the system)"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Limits: 50 calls in 10 seconds and 200 in a minute for a user in a thread, 250 and 400 for a thread.
    pub fn list_messages(&self) -> ListMessages {
        ListMessages::new(&self.thread)
    }

    /// Follows what happens in the thread: messages that are sent, edited and deleted, each change once, in their order.
    /// `GET /chat/threads/{chatThreadId}/messages`, again and again
    ///
    /// It begins with a time, or behind what an earlier stream has given.
    ///
    /// ```no_run
    /// use std::time::SystemTime;
    /// use acs_chat::{ChatThreadClient, MessagePosition};
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn example(thread: ChatThreadClient) -> acs_chat::Result<()> {
    /// let mut messages = thread.messages_since(SystemTime::now()).into_stream();
    /// while let Some(message) = messages.try_next().await? {
    ///     println!("{}", message.text().unwrap_or("(of the system)"));
    ///     // Keep it: `messages_since(position)` goes on there, also in another process.
    ///     let position: Option<&MessagePosition> = messages.position();
    ///     # let _ = position;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn messages_since(&self, start: impl Into<Start>) -> MessagesSince {
        MessagesSince::new(&self.thread, start.into())
    }

    /// Changes a message of the user's own. `PATCH /chat/threads/{chatThreadId}/messages/{chatMessageId}`
    ///
    /// The message keeps its id and moves behind all others. Limits as for [`send_message`](Self::send_message).
    ///
    /// # Errors
    ///
    /// 403, as far as is known, for the message of somebody else or of the system. 404 `NotFound` if there is no such message.
    pub fn update_message(&self, message_id: impl Into<String>) -> UpdateMessage {
        UpdateMessage::new(&self.thread, message_id.into())
    }

    /// Deletes a message of the user's own. `DELETE /chat/threads/{chatThreadId}/messages/{chatMessageId}`
    ///
    /// It stays in the lists without its text, with the time of its deletion. Limits as for
    /// [`send_message`](Self::send_message).
    ///
    /// # Errors
    ///
    /// 403, as far as is known, for the message of somebody else or of the system. 404 `NotFound` if there is no such message.
    pub fn delete_message(&self, message_id: impl Into<String>) -> Request<Response<()>> {
        let (thread, message_id) = (self.thread.clone(), message_id.into());
        Request::new(&DELETE_CHAT_MESSAGE, async move {
            let call = thread.message_call(&DELETE_CHAT_MESSAGE, &message_id)?;
            let result = client(&call)
                .delete_chat_message(&thread.id, &message_id)
                .await;
            call.finish(result)
        })
    }

    /// Lists who takes part, in the order in which they joined. `GET /chat/threads/{chatThreadId}/participants`
    ///
    /// Limits in 10 seconds: 10 calls for a user in a thread, 250 for a thread.
    pub fn list_participants(&self) -> ListParticipants {
        ListParticipants::new(&self.thread)
    }

    /// Whether somebody takes part in the thread. `GET /chat/threads/{chatThreadId}/participants`, page by page until they are
    /// found
    ///
    /// # Errors
    ///
    /// [`Error::Config`](acs_core::Error::Config) for a raw id that names nobody. 403 if the user who asks does not take part;
    /// that the thread exists is not told then.
    pub fn is_participant(&self, identifier: impl Into<CommunicationIdentifier>) -> Request<bool> {
        let (list, identifier) = (self.list_participants(), identifier.into());
        Request::new(&LIST_CHAT_PARTICIPANTS, async move {
            check_identifier("the participant", &identifier)?;
            let mut participants = list.into_stream();
            while let Some(participant) = participants.try_next().await? {
                if participant.identifier.raw_id() == identifier.raw_id() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Adds participants in one call. `POST /chat/threads/{chatThreadId}/participants/:add`
    ///
    /// Those whom the service refuses are in the [outcome](AddedParticipants) and do not keep the others out. Adding who
    /// takes part already changes nothing. One message of the system names all who were added.
    ///
    /// ```no_run
    /// use acs_chat::{ChatParticipant, ChatThreadClient};
    ///
    /// # async fn example(thread: ChatThreadClient, others: Vec<ChatParticipant>) -> acs_chat::Result<()> {
    /// let added = thread.add_participants(others).await?;
    /// let again: Vec<_> = added.failed.into_iter().filter(|failed| failed.error.code == "404").collect();
    /// let again = again.into_iter().filter_map(|failed| failed.participant);
    /// if !thread.add_participants(again).await?.is_complete() {
    ///     println!("some are still missing");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Limits: 200 participants in one call, see [`add_participants_in_batches`](Self::add_participants_in_batches), and 250 in
    /// a thread; 10 calls in 10 seconds and 30 in a minute for a thread, removals included. The call is repeated only when
    /// the service certainly did not act; making it again is safe.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](acs_core::Error::Config) without participants, or with one whose raw id names nobody. 400 for too many.
    /// 403 if the token is only for `chat.join.limited`.
    pub fn add_participants(
        &self,
        participants: impl IntoIterator<Item = ChatParticipant>,
    ) -> Request<AddedParticipants> {
        let participants = participants.into_iter().collect();
        Request::new(
            &ADD_CHAT_PARTICIPANTS,
            add(self.thread.clone(), participants),
        )
    }

    /// Adds any number of participants in calls of 200, and collects who could not be added.
    /// `POST /chat/threads/{chatThreadId}/participants/:add`, once for each batch
    ///
    /// # Errors
    ///
    /// [`Error::Config`](acs_core::Error::Config) without participants, or with one whose raw id names nobody; nobody is added
    /// then. A batch that fails as a whole is part of the [outcome](crate::AddedInBatches).
    pub fn add_participants_in_batches(
        &self,
        participants: impl IntoIterator<Item = ChatParticipant>,
    ) -> AddInBatches {
        AddInBatches::new(&self.thread, participants.into_iter().collect())
    }

    /// Removes a participant; the user themself, too. `POST /chat/threads/{chatThreadId}/participants/:remove`
    ///
    /// A message of the system tells the others. Limits: 10 calls in 10 seconds and 30 in a minute for a thread, additions
    /// included.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](acs_core::Error::Config) for a raw id that names nobody. 403 if the token is only for
    /// `chat.join.limited`.
    pub fn remove_participant(
        &self,
        identifier: impl Into<CommunicationIdentifier>,
    ) -> Request<Response<()>> {
        let (thread, identifier) = (self.thread.clone(), identifier.into());
        Request::new(&REMOVE_CHAT_PARTICIPANT, async move {
            check_identifier("the participant", &identifier)?;
            let call = thread.call(&REMOVE_CHAT_PARTICIPANT)?;
            let body = raw_identifier(&identifier);
            let result = client(&call)
                .remove_chat_participant(&thread.id, &body)
                .await;
            call.finish(result)
        })
    }

    /// Tells the others that the user is typing. `POST /chat/threads/{chatThreadId}/typing`
    ///
    /// It leaves no trace in the thread. Limits: 5 calls in 10 seconds and 15 in a minute for a user in a thread, 10 and 30 for
    /// a thread; once in 8 seconds is enough.
    ///
    /// # Errors
    ///
    /// Beyond 20 participants the service does not support it: 400 `BadRequest`, as far as is known.
    pub fn send_typing_notification(&self) -> SendTypingNotification {
        SendTypingNotification::new(&self.thread)
    }

    /// Tells the others that the user has read up to this message. `POST /chat/threads/{chatThreadId}/readReceipts`
    ///
    /// Limits: 10 calls in 10 seconds and 30 in a minute for a user in a thread.
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is no such message. Beyond 20 participants the service does not support it: 400 `BadRequest`, as
    /// far as is known.
    pub fn send_read_receipt(&self, message_id: impl Into<String>) -> Request<Response<()>> {
        let (thread, message_id) = (self.thread.clone(), message_id.into());
        Request::new(&SEND_CHAT_READ_RECEIPT, async move {
            acs_core::check_id("message id", &message_id)?;
            let call = thread.call(&SEND_CHAT_READ_RECEIPT)?;
            let body = SendReadReceiptRequest::new(message_id);
            let result = client(&call)
                .send_chat_read_receipt(&thread.id, &body)
                .await;
            call.finish(result)
        })
    }

    /// Lists how far the participants have read: the latest receipt of each. `GET /chat/threads/{chatThreadId}/readReceipts`
    ///
    /// A receipt may take seconds to show up. Limits in 10 seconds: 5 calls for a user in a thread, 100 for a thread.
    pub fn list_read_receipts(&self) -> ListReadReceipts {
        ListReadReceipts::new(&self.thread)
    }
}

fn none_if_not_found<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if error.is_not_found() => Ok(None),
        other => other.map(Some),
    }
}
