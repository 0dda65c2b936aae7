//! The calls on participants.

use acs_chat_engine::{Answer, Command};
use axum::http::StatusCode;
use serde_json::json;

use super::{apply, body, caller, carry_out, dialect, lists, thread_id, unexpected};
use crate::shell::Shell;
use crate::wire::{Call, Failure, Members, Reply};

pub(super) fn list(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let (caller, dialect, id) = (caller(call)?, dialect(call)?, thread_id(call)?);
    let request = lists::skip_request(call)?;
    shell.converse(|conversations, _| {
        let page = conversations
            .chat()
            .participants(&caller, &id, request, dialect)?;
        lists::skipped_page(call, request, page)
    })
}

pub(super) fn add(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let command = Command::AddParticipants {
        thread_id: thread_id(call)?,
        participants: body::participants(&members, dialect(call)?)?,
    };
    match apply(shell, call, command)? {
        Answer::Added { invalid } if invalid.is_empty() => {
            Reply::with_body(StatusCode::CREATED, &json!({}))
        }
        Answer::Added { invalid } => {
            let body = json!({ "invalidParticipants": invalid });
            Reply::with_body(StatusCode::CREATED, &body)
        }
        other => Err(unexpected(&other)),
    }
}

/// The body is the identifier itself (chat 59).
pub(super) fn remove(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let command = Command::RemoveParticipant {
        thread_id: thread_id(call)?,
        participant: body::identifier(call.object()?)?,
    };
    carry_out(shell, call, command, StatusCode::NO_CONTENT)
}
