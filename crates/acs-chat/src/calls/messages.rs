//! Sending and changing messages.

use std::fmt;
use std::future::IntoFuture;

use acs_core::{CallFuture, Response, Result};
use acs_core_chat::client;
use acs_core_chat::models::{
    ChatMessagePatch, ChatMessageType, SendChatMessageRequest, SendChatMessageResult,
};
use acs_core_chat::operations::{SEND_CHAT_MESSAGE, UPDATE_CHAT_MESSAGE};

use super::Thread;
use super::threads::set;

/// Sends a message. Set options if need be, then await it.
///
/// It is repeated only when the service certainly did not act, for the service has no means to tell a repetition from a second
/// message. When the future is dropped, the message may have been sent.
///
/// `Debug` does not show the message.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone)]
pub struct SendMessage {
    thread: Thread,
    body: SendChatMessageRequest,
}

impl SendMessage {
    pub(crate) fn new(thread: &Thread, content: String) -> Self {
        Self {
            thread: thread.clone(),
            body: SendChatMessageRequest::new(content),
        }
    }

    /// Whether the content is text or HTML. Default: text.
    pub fn message_type(mut self, message_type: impl Into<ChatMessageType>) -> Self {
        self.body = self.body.type_(message_type);
        self
    }

    /// The content is HTML; the service removes what is not safe. The same as
    /// [`message_type(ChatMessageType::Html)`](Self::message_type).
    pub fn html(self) -> Self {
        self.message_type(ChatMessageType::Html)
    }

    /// The name that the others see for the sender of this message. Default: none.
    pub fn sender_display_name(mut self, name: impl Into<String>) -> Self {
        self.body = self.body.sender_display_name(name);
        self
    }

    /// Keeps a text with the message; once for each.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let entries = self.body.metadata.get_or_insert_default();
        entries.insert(key.into(), value.into());
        self
    }
}

impl IntoFuture for SendMessage {
    type Output = Result<Response<SendChatMessageResult>>;
    type IntoFuture = CallFuture<Response<SendChatMessageResult>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let call = self.thread.call(&SEND_CHAT_MESSAGE)?;
            let result = client(&call)
                .send_chat_message(&self.thread.id, &self.body)
                .await;
            call.finish(result)
        })
    }
}

impl fmt::Debug for SendMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SendMessage")
            .field("thread", &self.thread.id)
            .finish_non_exhaustive()
    }
}

/// Changes a message; what is not set stays. Await it.
///
/// With nothing set at all, the call is made nevertheless, with an empty patch: the service takes it for an edit, and so moves
/// the message behind all others.
///
/// The call is repeated like a read when its answer is lost: sent twice, it leads to the same. When the future is dropped, the
/// service may have acted; the same call can simply be made again.
///
/// `Debug` does not show the message.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone)]
pub struct UpdateMessage {
    thread: Thread,
    message_id: String,
    patch: ChatMessagePatch,
}

impl UpdateMessage {
    pub(crate) fn new(thread: &Thread, message_id: String) -> Self {
        Self {
            thread: thread.clone(),
            message_id,
            patch: ChatMessagePatch::default(),
        }
    }

    /// The new text. The type of the message stays.
    pub fn content(mut self, content: impl Into<String>) -> Self {
        self.patch.content = content.into().into();
        self
    }

    /// Sets a text that is kept with the message; once for each. Other entries stay; an empty text removes the entry.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        set(&mut self.patch.metadata, key.into(), value.into());
        self
    }

    /// All changes at once, instead of those set so far. Only so members can be cleared; what the service makes of that is not
    /// documented.
    pub fn patch(mut self, patch: ChatMessagePatch) -> Self {
        self.patch = patch;
        self
    }
}

impl IntoFuture for UpdateMessage {
    type Output = Result<Response<()>>;
    type IntoFuture = CallFuture<Response<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (thread, message_id) = (&self.thread, &self.message_id);
            let call = thread.message_call(&UPDATE_CHAT_MESSAGE, message_id)?;
            let result = client(&call)
                .update_chat_message(&thread.id, message_id, &self.patch)
                .await;
            call.finish(result)
        })
    }
}

impl fmt::Debug for UpdateMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UpdateMessage")
            .field("thread", &self.thread.id)
            .field("message_id", &self.message_id)
            .finish_non_exhaustive()
    }
}
