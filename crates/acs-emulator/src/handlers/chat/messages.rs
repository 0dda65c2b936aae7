//! The calls on messages.

use acs_chat_engine::{Answer, Command, MessagePatch, MessageType, NewMessage};
use acs_types::Patch;
use axum::http::StatusCode;
use serde_json::json;

use super::{address_of, apply, body, caller, carry_out, dialect, lists};
use super::{message_id, thread_id, unexpected};
use crate::shell::Shell;
use crate::wire::{Call, Failure, Members, Reply};

pub(super) fn send(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let message_type = members.text("type")?.map(|name| {
        MessageType::find(&name).ok_or_else(|| {
            let problem = format!("has `type` `{name}`, but text or html is needed");
            Failure::invalid_body(problem)
        })
    });
    let message = NewMessage {
        content: members
            .text("content")?
            .ok_or_else(|| Failure::invalid_body("must have `content`"))?,
        message_type: message_type.transpose()?.unwrap_or_default(),
        sender_display_name: members.text("senderDisplayName")?,
        metadata: body::metadata_if(dialect(call)?.has_message_metadata, &members)?,
    };
    let id = thread_id(call)?;
    let address = address_of(call, &id);
    let command = Command::SendMessage {
        thread_id: id,
        message,
    };
    match apply(shell, call, command)? {
        Answer::Sent { message_id } => {
            let body = json!({ "id": message_id.to_string() });
            let reply = Reply::with_body(StatusCode::CREATED, &body)?;
            Ok(reply.located_at(format!("{address}/messages/{message_id}")))
        }
        other => Err(unexpected(&other)),
    }
}

pub(super) fn list(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let (caller, dialect, id) = (caller(call)?, dialect(call)?, thread_id(call)?);
    let request = lists::page_request(call)?;
    shell.converse(|conversations, _| {
        let page = conversations
            .chat()
            .messages(&caller, &id, &request, dialect)?;
        lists::page(call, &request, page)
    })
}

pub(super) fn get(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let (caller, dialect) = (caller(call)?, dialect(call)?);
    let (thread_id, message_id) = (thread_id(call)?, message_id(call)?);
    shell.converse(|conversations, _| {
        let chat = conversations.chat();
        Reply::ok(&chat.message(&caller, &thread_id, &message_id, dialect)?)
    })
}

pub(super) fn update(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let command = Command::EditMessage {
        thread_id: thread_id(call)?,
        message_id: message_id(call)?,
        patch: MessagePatch {
            content: members.text("content")?,
            metadata: if dialect(call)?.has_message_metadata {
                body::metadata_patch(&members)?
            } else {
                Patch::Keep
            },
        },
    };
    carry_out(shell, call, command, StatusCode::NO_CONTENT)
}

pub(super) fn delete(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let command = Command::DeleteMessage {
        thread_id: thread_id(call)?,
        message_id: message_id(call)?,
    };
    carry_out(shell, call, command, StatusCode::NO_CONTENT)
}
