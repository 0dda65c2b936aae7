//! The calls on workers.

use acs_router_engine::{Command, WorkerFilter};

use super::{carry_out, condition, show};
use crate::shell::Shell;
use crate::wire::{Call, Failure, ListCall, Reply};

const FILTERS: [&str; 4] = ["state", "channelId", "queueId", "hasCapacity"];

pub(super) fn upsert(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let command = Command::UpsertWorker {
        id: call.id("workerId")?.to_owned(),
        patch: call.object()?,
        condition: condition(call)?,
    };
    carry_out(shell, command)
}

pub(super) fn get(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let id = call.id("workerId")?;
    shell.read(|engine| show(engine.worker(id)?))
}

pub(super) fn list(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let list = ListCall::read(call, &FILTERS)?;
    let filter = WorkerFilter {
        state: list
            .read_with("state", WorkerFilter::state_named)?
            .flatten(),
        channel_id: list.text("channelId"),
        queue_id: list.text("queueId"),
        has_capacity: list.read_with("hasCapacity", boolean)?.unwrap_or(false),
    };
    shell.read(|engine| {
        let page = engine.workers(&filter, list.part());
        list.reply(page)
    })
}

pub(super) fn delete(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let id = call.id("workerId")?.to_owned();
    carry_out(shell, Command::DeleteWorker { id })
}

/// Some SDKs write booleans with a capital letter.
fn boolean(text: &str) -> Result<bool, &'static str> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err("must be `true` or `false`")
    }
}
