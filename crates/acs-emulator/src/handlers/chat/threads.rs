//! The calls on threads themselves.

use acs_chat_engine::{Answer, Command, NewThread, ThreadPatch};
use acs_types::Patch;
use axum::http::{HeaderName, StatusCode};
use serde_json::json;

use super::{address_of, caller, carry_out, dialect, thread_id, unexpected};
use super::{body, lists};
use crate::shell::Shell;
use crate::wire::{Call, Failure, Members, Reply};

/// What tells a repeated request from a new one; the second name stands in documents only (chat 13).
const REPEATABILITY: [HeaderName; 2] = [
    HeaderName::from_static("repeatability-request-id"),
    HeaderName::from_static("idempotency-token"),
];

pub(super) fn create(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let (caller, dialect) = (caller(call)?, dialect(call)?);
    let command = Command::CreateThread(new_thread(call)?);
    shell.converse(|conversations, moment| {
        let answer = conversations.apply_to_chat(moment, &caller, command)?;
        let Answer::Created { thread_id, invalid } = answer else {
            return Err(unexpected(&answer));
        };
        let thread = conversations.chat().thread(&caller, &thread_id, dialect)?;
        let mut body = json!({ "chatThread": thread });
        if !invalid.is_empty() {
            body["invalidParticipants"] = json!(invalid);
        }
        let reply = Reply::with_body(StatusCode::CREATED, &body)?;
        Ok(reply.located_at(address_of(call, &thread_id)))
    })
}

pub(super) fn list(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let (caller, request) = (caller(call)?, lists::page_request(call)?);
    shell.converse(|conversations, _| {
        let page = conversations.chat().threads(&caller, &request)?;
        lists::page(call, &request, page)
    })
}

pub(super) fn get(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let (caller, dialect, id) = (caller(call)?, dialect(call)?, thread_id(call)?);
    shell.converse(|conversations, _| {
        let thread = conversations.chat().thread(&caller, &id, dialect)?;
        Reply::ok(&thread)
    })
}

pub(super) fn update(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    if members.is_null("topic") {
        return Err(Failure::invalid_body(
            "has `topic` null, but a thread needs a topic",
        ));
    }
    let mut patch = ThreadPatch {
        topic: members.text("topic")?,
        ..ThreadPatch::default()
    };
    if dialect(call)?.has_thread_metadata {
        patch.metadata = body::metadata_patch(&members)?;
        patch.retention_policy = if members.is_null("retentionPolicy") {
            Patch::Clear
        } else {
            body::retention_policy(&members)?.map_or(Patch::Keep, Patch::Set)
        };
    }
    let command = Command::UpdateThread {
        thread_id: thread_id(call)?,
        patch,
    };
    carry_out(shell, call, command, StatusCode::NO_CONTENT)
}

pub(super) fn delete(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let thread_id = thread_id(call)?;
    let command = Command::DeleteThread { thread_id };
    carry_out(shell, call, command, StatusCode::NO_CONTENT)
}

fn new_thread(call: &Call<'_>) -> Result<NewThread, Failure> {
    let (members, dialect) = (Members::new(call.object()?), dialect(call)?);
    let newest = dialect.has_thread_metadata;
    let mut repeatability = None;
    for name in &REPEATABILITY {
        let value = call.header(name)?.filter(|value| !value.is_empty());
        repeatability = repeatability.or(value);
    }
    Ok(NewThread {
        topic: members
            .text("topic")?
            .ok_or_else(|| Failure::invalid_body("must have `topic`"))?,
        participants: body::participants(&members, dialect)?,
        metadata: body::metadata_if(newest, &members)?,
        retention_policy: match newest {
            true => body::retention_policy(&members)?,
            false => None,
        },
        repeatability_request_id: repeatability.map(str::to_owned),
    })
}
