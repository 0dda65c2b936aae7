//! Read receipts and typing.

use std::sync::Arc;

use crate::caller::{Access, Caller};
use crate::command::Answer;
use crate::engine::{Engine, find_message, permitted, permitted_mut};
use crate::events::Teller;
use crate::limits::check_notices;
use crate::refusal::Refusal;
use crate::thread::Receipt;

impl Engine {
    pub(crate) fn send_read_receipt(
        &mut self,
        caller: &Caller,
        thread_id: &str,
        message_id: &str,
    ) -> Result<Answer, Refusal> {
        let thread = permitted_mut(&mut self.threads, caller, thread_id, Access::JoinLimited)?;
        check_notices(thread.participants.len())?;
        let window = thread.window_of(caller.raw_id());
        let message_id = find_message(thread, message_id)
            .map(|index| thread.log.at(index))
            .filter(|message| window.is_some_and(|window| window.shows(message)))
            .map(|message| message.id)
            .ok_or_else(|| Refusal::not_found("message", message_id))?;
        thread.mark_read(Receipt {
            sender: Arc::clone(&caller.user),
            message_id,
            read_on: self.now,
        });
        Ok(Answer::Done)
    }

    /// Leaves no trace but an event (rule 67).
    pub(crate) fn send_typing(
        &mut self,
        caller: &Caller,
        thread_id: &str,
        sender_display_name: Option<String>,
    ) -> Result<Answer, Refusal> {
        let thread = permitted(&self.threads, caller, thread_id, Access::JoinLimited)?;
        check_notices(thread.participants.len())?;
        let mut teller = Teller::new(&mut self.ids, &mut self.events, self.now);
        teller.typing(
            thread,
            &caller.user,
            sender_display_name.unwrap_or_default(),
        );
        Ok(Answer::Done)
    }
}
