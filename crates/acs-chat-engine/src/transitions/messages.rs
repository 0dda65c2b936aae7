//! Sending, changing and deleting messages.

use std::sync::Arc;

use super::patched;
use crate::caller::{Access, Caller};
use crate::command::{Answer, MessagePatch, NewMessage};
use crate::engine::{Engine, find_message, permitted_mut};
use crate::events::{Happened, Teller};
use crate::limits::{check_message, check_parts_of_message};
use crate::message::{Body, Message, SentBody};
use crate::refusal::Refusal;
use crate::thread::Thread;

impl Engine {
    pub(crate) fn send_message(
        &mut self,
        caller: &Caller,
        thread_id: &str,
        message: NewMessage,
    ) -> Result<Answer, Refusal> {
        let thread = permitted_mut(&mut self.threads, caller, thread_id, Access::JoinLimited)?;
        check_message(&message)?;

        self.arrived += 1;
        let body = SentBody::new(Arc::clone(&caller.user), message);
        let index = thread
            .log
            .append(self.now, self.arrived, Body::Sent(body.clone()));
        let sent = thread.log.at(index);
        let mut teller = Teller::new(&mut self.ids, &mut self.events, self.now);
        teller.message(thread, sent, &body, Happened::Received);
        Ok(Answer::Sent {
            message_id: sent.id,
        })
    }

    pub(crate) fn edit_message(
        &mut self,
        caller: &Caller,
        thread_id: &str,
        message_id: &str,
        patch: MessagePatch,
    ) -> Result<Answer, Refusal> {
        let thread = permitted_mut(&mut self.threads, caller, thread_id, Access::JoinLimited)?;
        let (index, mut body) = own_message(thread, caller, message_id)?;
        if thread.log.at(index).deleted_on.is_some() {
            return Err(Refusal::not_found("message", message_id));
        }
        // Without content the old one stays (rule 35), and without any change the message does.
        if patch == MessagePatch::default() {
            return Ok(Answer::Done);
        }
        if let Some(content) = patch.content {
            body.content = content.into();
        }
        body.metadata = patched(&body.metadata, patch.metadata);
        check_parts_of_message(&body.content, &body.sender_display_name, &body.metadata)?;

        self.rewrite(thread_id, index, body, Happened::Edited);
        Ok(Answer::Done)
    }

    pub(crate) fn delete_message(
        &mut self,
        caller: &Caller,
        thread_id: &str,
        message_id: &str,
    ) -> Result<Answer, Refusal> {
        let thread = permitted_mut(&mut self.threads, caller, thread_id, Access::JoinLimited)?;
        let (index, mut body) = own_message(thread, caller, message_id)?;
        if thread.log.at(index).deleted_on.is_none() {
            body.content = Arc::default();
            body.metadata = Arc::default();
            self.rewrite(thread_id, index, body, Happened::Deleted);
        }
        Ok(Answer::Done)
    }

    fn rewrite(&mut self, thread_id: &str, index: usize, body: SentBody, happened: Happened) {
        let now = self.now;
        let Some(thread) = self.threads.get_mut(thread_id) else {
            return;
        };
        thread.log.change(index, now, |message: &mut Message| {
            message.body = Body::Sent(body.clone());
            match happened {
                Happened::Deleted => {
                    message.edited_on = None;
                    message.deleted_on = Some(now);
                }
                Happened::Edited | Happened::Received => message.edited_on = Some(now),
            }
        });
        let mut teller = Teller::new(&mut self.ids, &mut self.events, now);
        teller.message(thread, thread.log.at(index), &body, happened);
    }
}

/// The caller's message, to be changed (rule 36).
fn own_message(
    thread: &Thread,
    caller: &Caller,
    message_id: &str,
) -> Result<(usize, SentBody), Refusal> {
    let index = find_message(thread, message_id)
        .ok_or_else(|| Refusal::not_found("message", message_id))?;
    match &thread.log.at(index).body {
        Body::Sent(body) if body.sender.raw_id() == caller.raw_id() => Ok((index, body.clone())),
        Body::Sent(_) => Err(Refusal::forbidden(
            "Only the sender may change or delete a message.",
        )),
        Body::System { .. } => Err(Refusal::forbidden(
            "Messages of the service cannot be changed or deleted.",
        )),
    }
}
