//! The calls on queues.

use acs_router_engine::Command;

use super::{carry_out, condition, show};
use crate::shell::Shell;
use crate::wire::{Call, Failure, ListCall, Reply};

pub(super) fn upsert(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let command = Command::UpsertQueue {
        id: call.id("queueId")?.to_owned(),
        patch: call.object()?,
        condition: condition(call)?,
    };
    carry_out(shell, command)
}

pub(super) fn get(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let id = call.id("queueId")?;
    shell.read(|engine| show(engine.queue(id)?))
}

pub(super) fn statistics(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let id = call.id("queueId")?;
    let now = shell.now();
    shell.read(|engine| {
        let statistics = Reply::ok(&engine.queue_statistics(id, now)?)?;
        Ok(statistics.tagged_by_content())
    })
}

pub(super) fn list(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let list = ListCall::read(call, &[])?;
    shell.read(|engine| {
        let page = engine.queues(list.part());
        list.reply(page)
    })
}

pub(super) fn delete(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let id = call.id("queueId")?.to_owned();
    carry_out(shell, Command::DeleteQueue { id })
}
