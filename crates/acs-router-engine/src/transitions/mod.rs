//! What each command and each deadline does to the state.

mod assignments;
mod classification;
mod classification_policies;
mod distribution_policies;
mod exception_policies;
mod exceptions;
mod jobs;
mod lifetime;
mod offers;
mod queues;
mod scoring;
mod waiting;
mod workers;

pub(crate) use classification::Askers;

use serde_json::value::to_raw_value;

use crate::answer::{Answer, Upserted};
use crate::entities::View;
use crate::refusal::{Refusal, RefusalDetail};

/// Refuses an id that could not stand in a URL (O3).
fn check_id(id: &str) -> Result<(), Refusal> {
    const LONGEST: usize = 128;
    let length = id.chars().count();
    if (1..=LONGEST).contains(&length) && !id.contains(['/', '?', '#']) {
        return Ok(());
    }
    let shown: String = id.chars().take(LONGEST).collect();
    Err(Refusal::bad_request(vec![RefusalDetail::new(
        "InvalidId",
        format!(
            "the id '{shown}' must have 1 to {LONGEST} characters, none of them '/', '?' or '#'"
        ),
    )]))
}

/// The answer to an upsert: the entity as it is now.
fn upserted(created: bool, view: &impl View) -> Answer {
    Answer::Upserted(Upserted {
        created,
        entity: to_raw_value(view).expect("every value of an entity came from JSON"),
        etag: view.etag(),
        last_modified: view.last_modified(),
    })
}
