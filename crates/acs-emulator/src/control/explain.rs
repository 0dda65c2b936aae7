//! `/_emulator/explain`: why workers are or are not offered jobs, and dry runs of classification policies and expressions.

use std::sync::Arc;

use acs_router_engine::{Engine, PolicyToTry};
use serde_json::{Map, json};

use super::{Answering, members, missing};
use crate::shell::Shell;
use crate::wire::{Call, Failure, Reply};

/// How many pairs are explained one by one unless the query says otherwise, and at most.
const USUAL_LIMIT: usize = 100;
const LARGEST_LIMIT: usize = 1000;

pub(super) fn classification<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        let members = members(call, &["policyId", "policy", "labels"])?;
        let policy = match (members.text("policyId")?, members.object("policy")?) {
            (Some(id), None) => PolicyToTry::Stored(id),
            (None, Some(json)) => PolicyToTry::Given(json),
            _ => {
                return Err(Failure::invalid_body(
                    "must have either `policyId` or `policy`",
                ));
            }
        };
        let labels = members.object("labels")?.unwrap_or_default();
        shell.read(|engine| Reply::ok(&engine.try_classification(&policy, &labels)?))
    })
}

pub(super) fn expression<'c>(_: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        let members = members(call, &["expression", "labels"])?;
        let source = members.text("expression")?;
        let source = source.ok_or_else(|| missing("expression"))?;
        let nothing = || Map::from_iter([("job".to_owned(), json!({}))]);
        let labels = members.object("labels")?.unwrap_or_else(nothing);
        Reply::ok(&Engine::try_expression(&source, &labels)?)
    })
}

/// A job, or with `workerId` the job and that worker alone.
pub(super) fn job<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        let id = call.id("jobId")?;
        let limit = limit(call)?;
        let worker = call.query.value("workerId")?;
        shell.read(|engine| match worker {
            Some(worker) => Reply::ok(&engine.explain_pair(id, worker)?),
            None => Reply::ok(&engine.explain_job(id, limit)?),
        })
    })
}

pub(super) fn worker<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        let id = call.id("workerId")?;
        let limit = limit(call)?;
        shell.read(|engine| Reply::ok(&engine.explain_worker(id, limit)?))
    })
}

fn limit(call: &Call<'_>) -> Result<usize, Failure> {
    let Some(text) = call.query.value("limit")? else {
        return Ok(USUAL_LIMIT);
    };
    let limit = text.parse().ok();
    let limit = limit.filter(|limit| *limit <= LARGEST_LIMIT);
    limit.ok_or_else(|| {
        Failure::invalid_query(
            "limit",
            format!("must be a whole number of at most {LARGEST_LIMIT}"),
        )
    })
}
