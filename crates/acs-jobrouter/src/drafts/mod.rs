//! Drafts: what it takes to create an entity.
//!
//! On the wire, creating and changing are the same merge patch. Here a draft asks for what a new entity cannot do
//! without, and a patch has three states for each member.

mod classification_policy;
mod distribution_policy;
mod exception_policy;
mod job;
mod queue;
mod worker;

pub use classification_policy::NewClassificationPolicy;
pub use distribution_policy::NewDistributionPolicy;
pub use exception_policy::NewExceptionPolicy;
pub use job::NewJob;
pub use queue::NewQueue;
pub use worker::NewWorker;

use acs_types::{Patch, PatchMap};

/// A collection to send, left out when it is empty.
fn unless_empty<T>(items: Vec<T>) -> Patch<Vec<T>> {
    if items.is_empty() {
        Patch::Keep
    } else {
        Patch::Set(items)
    }
}

/// A map to send, left out when it changes nothing.
fn unless_unchanged<V>(map: PatchMap<V>) -> Patch<PatchMap<V>> {
    if map.is_empty() {
        Patch::Keep
    } else {
        Patch::Set(map)
    }
}
