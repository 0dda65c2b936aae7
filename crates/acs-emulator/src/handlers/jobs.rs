//! The calls on jobs.

use acs_router_engine::{
    CancelOptions, CloseOptions, Command, CompleteOptions, JobFilter, UnassignOptions,
};
use acs_types::Timestamp;

use super::{carry_out, condition, show};
use crate::shell::Shell;
use crate::wire::{Call, Failure, ListCall, Members, Reply};

const FILTERS: [&str; 6] = [
    "status",
    "queueId",
    "channelId",
    "classificationPolicyId",
    "scheduledBefore",
    "scheduledAfter",
];

pub(super) fn upsert(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let command = Command::UpsertJob {
        id: call.id("jobId")?.to_owned(),
        patch: call.object()?,
        condition: condition(call)?,
    };
    carry_out(shell, command)
}

pub(super) fn get(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let id = call.id("jobId")?;
    shell.read(|engine| show(engine.job(id)?))
}

pub(super) fn position(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let id = call.id("jobId")?;
    shell.read(|engine| Reply::ok(&engine.job_position(id)?))
}

pub(super) fn list(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let list = ListCall::read(call, &FILTERS)?;
    let filter = JobFilter {
        status: list.read_with("status", str::parse)?.unwrap_or_default(),
        queue_id: list.text("queueId"),
        channel_id: list.text("channelId"),
        classification_policy_id: list.text("classificationPolicyId"),
        scheduled_before: list.read_with("scheduledBefore", Timestamp::parse)?,
        scheduled_after: list.read_with("scheduledAfter", Timestamp::parse)?,
    };
    shell.read(|engine| {
        let page = engine.jobs(&filter, list.part());
        list.reply(page)
    })
}

pub(super) fn delete(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let id = call.id("jobId")?.to_owned();
    carry_out(shell, Command::DeleteJob { id })
}

/// The options have no members yet; they must be an object all the same.
pub(super) fn reclassify(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    call.object()?;
    let job_id = call.id("jobId")?.to_owned();
    carry_out(shell, Command::ReclassifyJob { job_id })
}

pub(super) fn cancel(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let command = Command::CancelJob {
        job_id: call.id("jobId")?.to_owned(),
        options: CancelOptions {
            disposition_code: members.text("dispositionCode")?,
            note: members.text("note")?,
        },
    };
    carry_out(shell, command)
}

pub(super) fn complete(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let command = Command::CompleteJob {
        job_id: call.id("jobId")?.to_owned(),
        assignment_id: call.id("assignmentId")?.to_owned(),
        options: CompleteOptions {
            note: members.text("note")?,
        },
    };
    carry_out(shell, command)
}

pub(super) fn close(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let command = Command::CloseJob {
        job_id: call.id("jobId")?.to_owned(),
        assignment_id: call.id("assignmentId")?.to_owned(),
        options: CloseOptions {
            close_at: members.timestamp("closeAt")?,
            disposition_code: members.text("dispositionCode")?,
            note: members.text("note")?,
        },
    };
    carry_out(shell, command)
}

pub(super) fn unassign(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let command = Command::UnassignJob {
        job_id: call.id("jobId")?.to_owned(),
        assignment_id: call.id("assignmentId")?.to_owned(),
        options: UnassignOptions {
            suspend_matching: members.boolean("suspendMatching")?.unwrap_or(false),
        },
    };
    carry_out(shell, command)
}
