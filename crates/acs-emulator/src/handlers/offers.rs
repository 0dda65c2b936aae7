//! The calls that answer offers.

use acs_router_engine::{Command, DeclineOptions};

use super::carry_out;
use crate::shell::Shell;
use crate::wire::{Call, Failure, Members, Reply};

pub(super) fn accept(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let command = Command::AcceptOffer {
        worker_id: call.id("workerId")?.to_owned(),
        offer_id: call.id("offerId")?.to_owned(),
    };
    carry_out(shell, command)
}

pub(super) fn decline(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let command = Command::DeclineOffer {
        worker_id: call.id("workerId")?.to_owned(),
        offer_id: call.id("offerId")?.to_owned(),
        options: DeclineOptions {
            retry_offer_at: members.timestamp("retryOfferAt")?,
        },
    };
    carry_out(shell, command)
}
