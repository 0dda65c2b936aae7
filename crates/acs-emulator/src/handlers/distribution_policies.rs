//! The calls on distribution policies.

use acs_router_engine::Command;

use super::{carry_out, condition, show};
use crate::shell::Shell;
use crate::wire::{Call, Failure, ListCall, Reply};

pub(super) fn upsert(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let command = Command::UpsertDistributionPolicy {
        id: call.id("distributionPolicyId")?.to_owned(),
        patch: call.object()?,
        condition: condition(call)?,
    };
    carry_out(shell, command)
}

pub(super) fn get(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let id = call.id("distributionPolicyId")?;
    shell.read(|engine| show(engine.distribution_policy(id)?))
}

pub(super) fn list(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let list = ListCall::read(call, &[])?;
    shell.read(|engine| {
        let page = engine.distribution_policies(list.part());
        list.reply(page)
    })
}

pub(super) fn delete(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let id = call.id("distributionPolicyId")?.to_owned();
    carry_out(shell, Command::DeleteDistributionPolicy { id })
}
