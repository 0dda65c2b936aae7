//! `/_emulator/explain`: dry runs of classification policies and expressions.

use std::sync::Arc;

use acs_router_engine::{Engine, PolicyToTry};
use serde_json::{Map, json};

use super::{Answering, members, missing};
use crate::shell::Shell;
use crate::wire::{Call, Failure, Reply};

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
