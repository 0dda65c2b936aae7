//! Telling that somebody is typing.

use std::future::IntoFuture;

use acs_core::{CallFuture, Response, Result};
use acs_core_chat::client;
use acs_core_chat::models::SendTypingNotificationRequest;
use acs_core_chat::operations::SEND_TYPING_NOTIFICATION;

use super::Thread;

/// Tells the others that the user is typing. Set the name if need be, then await it.
///
/// It is repeated only when the service certainly did not act. When the future is dropped, the others may have been told.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct SendTypingNotification {
    thread: Thread,
    body: SendTypingNotificationRequest,
}

impl SendTypingNotification {
    pub(crate) fn new(thread: &Thread) -> Self {
        Self {
            thread: thread.clone(),
            body: SendTypingNotificationRequest::new(),
        }
    }

    /// The name that the others see. Default: none, and then the request has no body at all.
    pub fn sender_display_name(mut self, name: impl Into<String>) -> Self {
        self.body = self.body.sender_display_name(name);
        self
    }
}

impl IntoFuture for SendTypingNotification {
    type Output = Result<Response<()>>;
    type IntoFuture = CallFuture<Response<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let call = self.thread.call(&SEND_TYPING_NOTIFICATION)?;
            let result = client(&call)
                .send_typing_notification(&self.thread.id, &self.body)
                .await;
            call.finish(result)
        })
    }
}
