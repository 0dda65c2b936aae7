//! The calls on chat threads.

mod body;
mod lists;
mod messages;
mod notices;
mod participants;
mod threads;

use acs_chat_engine::{Access, Answer, Caller, Command, Dialect};
use acs_identity_engine::TokenScope;
use axum::http::StatusCode;

use super::Handler;
use crate::gate::Principal;
use crate::shell::Shell;
use crate::wire::{Call, Failure, Reply};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("createChatThread", threads::create),
    ("listChatThreads", threads::list),
    ("getChatThreadProperties", threads::get),
    ("updateChatThreadProperties", threads::update),
    ("deleteChatThread", threads::delete),
    ("sendChatMessage", messages::send),
    ("listChatMessages", messages::list),
    ("getChatMessage", messages::get),
    ("updateChatMessage", messages::update),
    ("deleteChatMessage", messages::delete),
    ("listChatParticipants", participants::list),
    ("addChatParticipants", participants::add),
    ("removeChatParticipant", participants::remove),
    ("sendTypingNotification", notices::send_typing),
    ("sendChatReadReceipt", notices::send_read_receipt),
    ("listChatReadReceipts", notices::list_read_receipts),
];

const THREAD_ID: &str = "chatThreadId";
const MESSAGE_ID: &str = "chatMessageId";

/// The user who calls, with what the token allows in chat.
fn caller(call: &Call<'_>) -> Result<Caller, Failure> {
    let Principal::User(user) = &call.principal else {
        let who = &call.principal;
        return Err(Failure::internal(format!("{who:?} was let into chat")));
    };
    let access = user.scopes.iter().filter_map(|scope| match scope {
        TokenScope::Chat => Some(Access::Full),
        TokenScope::ChatJoin => Some(Access::Join),
        TokenScope::ChatJoinLimited => Some(Access::JoinLimited),
        _ => None,
    });
    match access.max() {
        Some(access) => Ok(Caller::new(user.identifier.clone(), access)),
        None => Err(Failure::new(
            StatusCode::FORBIDDEN,
            "Forbidden",
            "The initiator doesn't have the permission to perform the requested operation. The token has no scope for chat.",
        )),
    }
}

fn thread_id(call: &Call<'_>) -> Result<String, Failure> {
    Ok(call.id(THREAD_ID)?.to_owned())
}

fn message_id(call: &Call<'_>) -> Result<String, Failure> {
    Ok(call.id(MESSAGE_ID)?.to_owned())
}

fn dialect(call: &Call<'_>) -> Result<Dialect, Failure> {
    Ok(Dialect::of(call.api_version()?))
}

fn apply(shell: &Shell, call: &Call<'_>, command: Command) -> Result<Answer, Failure> {
    let caller = caller(call)?;
    let answer = shell
        .converse(|conversations, moment| conversations.apply_to_chat(moment, &caller, command));
    Ok(answer?)
}

/// Applies a command that answers nothing but its status.
fn carry_out(
    shell: &Shell,
    call: &Call<'_>,
    command: Command,
    status: StatusCode,
) -> Result<Reply, Failure> {
    match apply(shell, call, command)? {
        Answer::Done => Ok(Reply::bare(status)),
        other => Err(unexpected(&other)),
    }
}

fn unexpected(answer: &Answer) -> Failure {
    Failure::internal(format!("no reply is known for {answer:?}"))
}

/// The address of a thread, with its `:` encoded and its `@` not (chat 7).
fn address_of(call: &Call<'_>, thread_id: &str) -> String {
    let id = thread_id.replace(':', "%3A");
    format!("{}/chat/threads/{id}", call.origin)
}
