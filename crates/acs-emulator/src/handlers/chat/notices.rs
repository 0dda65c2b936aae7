//! The calls on read receipts, and typing.

use acs_chat_engine::Command;
use axum::http::StatusCode;

use super::{caller, carry_out, dialect, lists, thread_id};
use crate::shell::Shell;
use crate::wire::{Call, Failure, Members, Reply};

pub(super) fn send_read_receipt(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let command = Command::SendReadReceipt {
        thread_id: thread_id(call)?,
        message_id: members
            .text("chatMessageId")?
            .ok_or_else(|| Failure::invalid_body("must have `chatMessageId`"))?,
    };
    carry_out(shell, call, command, StatusCode::OK)
}

pub(super) fn list_read_receipts(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let (caller, dialect, id) = (caller(call)?, dialect(call)?, thread_id(call)?);
    let request = lists::skip_request(call)?;
    shell.converse(|conversations, _| {
        let page = conversations
            .chat()
            .receipts(&caller, &id, request, dialect)?;
        lists::skipped_page(call, request, page)
    })
}

/// The body may be absent (chat 5).
pub(super) fn send_typing(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let sender_display_name = match dialect(call)?.has_message_metadata {
        true => members.text("senderDisplayName")?,
        false => None,
    };
    let command = Command::SendTyping {
        thread_id: thread_id(call)?,
        sender_display_name,
    };
    carry_out(shell, call, command, StatusCode::OK)
}
