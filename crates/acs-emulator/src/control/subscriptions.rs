//! `/_emulator/subscriptions`: who gets events, whether they have agreed, and what they have not taken yet.

use std::sync::Arc;

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::{Answering, members};
use crate::events::{Subscription, SubscriptionView};
use crate::shell::Shell;
use crate::wire::{Call, Failure, Reply};

#[derive(Serialize)]
struct Subscriptions<'s> {
    subscriptions: Vec<SubscriptionView<'s>>,
}

pub(super) fn list<'c>(shell: &'c Arc<Shell>, _: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        let subscriptions = shell.subscriptions();
        Reply::ok(&Subscriptions {
            subscriptions: subscriptions.iter().map(|one| one.view()).collect(),
        })
    })
}

/// The `validationUrl` of handshakes. A browser can call it too.
pub(super) fn validate<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        let subscription = named(shell, call)?;
        let code = call.query.value("code")?.unwrap_or_default();
        let confirmed = subscription.confirm(code, shell.now());
        confirmed.map_err(|error| Failure::invalid_query("code", error))?;
        Reply::ok(&json!({"message": "the endpoint is validated; events are on their way"}))
    })
}

pub(super) fn handshake<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        members(call, &[])?;
        let subscription = named(shell, call)?;
        if !subscription.reopen() {
            return Err(Failure::new(
                StatusCode::CONFLICT,
                "HandshakeNotFailed",
                "only a subscription whose provisioningState is Failed is asked again",
            ));
        }
        Reply::ok(&subscription.view())
    })
}

fn named(shell: &Shell, call: &Call<'_>) -> Result<Arc<Subscription>, Failure> {
    let name = call.id("name")?;
    let mut subscriptions = shell.subscriptions().into_iter();
    let found = subscriptions.find(|one| one.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        Failure::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            format!("there is no subscription `{name}`; GET /_emulator/subscriptions lists them"),
        )
    })
}
