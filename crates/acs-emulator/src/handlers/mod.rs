//! One handler per operation: from a call to an engine command or read, and from its result to a reply.

mod chat;
mod classification_policies;
mod distribution_policies;
mod exception_policies;
mod identity;
mod jobs;
mod offers;
mod queues;
mod workers;

use acs_router_engine::{Answer, Command, Condition, View};

use crate::shell::Shell;
use crate::wire::{Call, Failure, Reply};

/// What carries out the calls of one operation.
pub(crate) type Handler = fn(&Shell, &Call<'_>) -> Result<Reply, Failure>;

/// The handlers of all services by operation id. An operation that is missing here answers 501.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, Handler)> {
    let tables = [HANDLERS, identity::HANDLERS, chat::HANDLERS];
    tables.into_iter().flatten().copied()
}

/// The Job Router's.
const HANDLERS: &[(&str, Handler)] = &[
    ("upsertDistributionPolicy", distribution_policies::upsert),
    ("getDistributionPolicy", distribution_policies::get),
    ("listDistributionPolicies", distribution_policies::list),
    ("deleteDistributionPolicy", distribution_policies::delete),
    (
        "upsertClassificationPolicy",
        classification_policies::upsert,
    ),
    ("getClassificationPolicy", classification_policies::get),
    ("listClassificationPolicies", classification_policies::list),
    (
        "deleteClassificationPolicy",
        classification_policies::delete,
    ),
    ("upsertExceptionPolicy", exception_policies::upsert),
    ("getExceptionPolicy", exception_policies::get),
    ("listExceptionPolicies", exception_policies::list),
    ("deleteExceptionPolicy", exception_policies::delete),
    ("upsertQueue", queues::upsert),
    ("getQueue", queues::get),
    ("listQueues", queues::list),
    ("getQueueStatistics", queues::statistics),
    ("deleteQueue", queues::delete),
    ("upsertWorker", workers::upsert),
    ("getWorker", workers::get),
    ("listWorkers", workers::list),
    ("deleteWorker", workers::delete),
    ("upsertJob", jobs::upsert),
    ("getJob", jobs::get),
    ("listJobs", jobs::list),
    ("getInQueuePosition", jobs::position),
    ("deleteJob", jobs::delete),
    ("reclassifyJob", jobs::reclassify),
    ("cancelJob", jobs::cancel),
    ("completeJob", jobs::complete),
    ("closeJob", jobs::close),
    ("unassignJob", jobs::unassign),
    ("acceptJobOffer", offers::accept),
    ("declineJobOffer", offers::decline),
];

/// Applies a command and answers with what came of it.
fn carry_out(shell: &Shell, command: Command) -> Result<Reply, Failure> {
    match shell.apply(command)? {
        Answer::Upserted(upserted) => {
            let reply = Reply::upserted(upserted.created, &upserted.entity)?;
            Ok(reply.validated_by(upserted.etag, upserted.last_modified))
        }
        Answer::Deleted => Ok(Reply::no_content()),
        Answer::Accepted(accepted) => Reply::ok(&accepted),
        Answer::Unassigned(unassigned) => Reply::ok(&unassigned),
        Answer::Done => Reply::ok(&serde_json::json!({})),
        other => Err(Failure::internal(format!(
            "no reply is known for {other:?}"
        ))),
    }
}

/// Answers a read with an entity.
fn show(view: impl View) -> Result<Reply, Failure> {
    let reply = Reply::ok(&view)?;
    Ok(reply.validated_by(view.etag(), view.last_modified()))
}

fn condition(call: &Call<'_>) -> Result<Condition, Failure> {
    Ok(Condition {
        if_match: call.if_match()?,
        if_unmodified_since: call.if_unmodified_since()?,
    })
}
