//! `/_emulator/clock`: reading and moving the routing clock from outside the process.

use std::sync::Arc;
use std::time::Duration;

use acs_types::Timestamp;
use serde::Serialize;

use super::{Answering, members, missing};
use crate::clock::{ClockError, EventPattern, RoutingTime};
use crate::events::{Envelope, EventKind};
use crate::shell::Shell;
use crate::wire::{Call, Failure, Reply};

/// The clock, and what a movement came upon.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClockBody {
    now: Timestamp,
    paused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_deadline: Option<Timestamp>,
}

/// The clock after a run, and the event that ended it; null when the run ended without one.
#[derive(Serialize)]
struct RunBody<'e> {
    #[serde(flatten)]
    clock: ClockBody,
    event: Option<Envelope<'e>>,
}

pub(super) fn show<'c>(shell: &'c Arc<Shell>, _: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async { clock(shell) })
}

pub(super) fn pause<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        members(call, &[])?;
        shell.change_clock(RoutingTime::pause);
        clock(shell)
    })
}

pub(super) fn resume<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        members(call, &[])?;
        shell.change_clock(RoutingTime::resume);
        clock(shell)
    })
}

pub(super) fn step<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        let by = members(call, &["seconds"])?.seconds("seconds")?;
        let by = by.ok_or_else(|| missing("seconds"))?;
        shell.move_to(|time| time.after(by), None).await?;
        clock(shell)
    })
}

pub(super) fn set<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        let to = members(call, &["to"])?.timestamp("to")?;
        let to = to.ok_or_else(|| missing("to"))?;
        shell.move_to(|time| time.ahead(to), None).await?;
        clock(shell)
    })
}

pub(super) fn jump<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        members(call, &[])?;
        shell.jump().await;
        clock(shell)
    })
}

pub(super) fn run<'c>(shell: &'c Arc<Shell>, call: &'c Call<'c>) -> Answering<'c> {
    Box::pin(async {
        let members = members(call, &["untilEvent", "subject", "withinSeconds"])?;
        let name = members.text("untilEvent")?;
        let mut wanted = EventPattern::from(kind(&name.ok_or_else(|| missing("untilEvent"))?)?);
        if let Some(subject) = members.text("subject")? {
            wanted = wanted.about(subject);
        }
        let within: Option<Duration> = members.seconds("withinSeconds")?;
        let within = within.ok_or_else(|| missing("withinSeconds"))?;
        let found = shell.move_to(|time| time.after(within), Some(&wanted));
        let event = found.await?;
        Reply::ok(&RunBody {
            clock: clock_body(shell),
            event: event.as_ref().map(Envelope::new),
        })
    })
}

fn clock(shell: &Shell) -> Result<Reply, Failure> {
    Reply::ok(&clock_body(shell))
}

fn clock_body(shell: &Shell) -> ClockBody {
    let state = shell.clock_state();
    ClockBody {
        now: state.now,
        paused: state.paused,
        next_deadline: state.next_deadline,
    }
}

/// The kind of event with this name, with or without `Microsoft.Communication.` in front.
fn kind(name: &str) -> Result<EventKind, Failure> {
    EventKind::named(name).ok_or_else(|| {
        let names: Vec<_> = EventKind::all().map(EventKind::name).collect();
        Failure::invalid_body(format!(
            "has an unknown event type `{name}` in `untilEvent`; there are {}",
            names.join(", ")
        ))
    })
}

impl From<ClockError> for Failure {
    fn from(error: ClockError) -> Self {
        Self::invalid("InvalidClockMovement", error.to_string())
    }
}
