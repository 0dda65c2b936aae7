//! Distribution policies: who gets a job offered, how many at a time, and for how long.

use std::sync::Arc;

use acs_types::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::View;
use super::scoring::{self, Scoring};
use crate::ids::{Etag, Id};
use crate::members::{self, Object, Reader};
use crate::merge_patch;
use crate::time::Seconds;
use crate::version::Version;

/// A stored distribution policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DistributionPolicy {
    pub(crate) id: Id,
    pub(crate) definition: DistributionPolicyDefinition,
    pub(crate) version: Version,
}

/// What a caller defines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DistributionPolicyDefinition {
    pub(crate) name: Option<Arc<str>>,
    /// Without it, offers do not expire.
    pub(crate) offer_expires_after: Option<Seconds>,
    pub(crate) mode: DistributionMode,
}

/// How offers go out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DistributionMode {
    #[serde(rename = "kind")]
    pub(crate) strategy: Strategy,
    /// A wish only (R70): offers go out as soon as there is one worker.
    pub(crate) min_concurrent_offers: i32,
    pub(crate) max_concurrent_offers: i32,
    pub(crate) bypass_selectors: bool,
    /// Of the mode `bestWorker` only.
    #[serde(flatten)]
    pub(crate) scoring: Scoring,
}

/// Which of the eligible workers come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Strategy {
    /// The least loaded, then the longest available (R72).
    LongestIdle,
    /// In turn, by id (R71).
    RoundRobin,
    /// The one whose labels fit the job best (R73).
    BestWorker,
}

impl DistributionPolicyDefinition {
    /// The definition that a merge patch makes of the stored one, or of nothing.
    pub(crate) fn patched(
        reader: &mut Reader,
        stored: Option<&Self>,
        patch: &Object,
    ) -> Option<Self> {
        let stored_name = stored.and_then(|policy| policy.name.clone());
        let stored_span = stored.and_then(|policy| policy.offer_expires_after);
        let stored_mode = stored.map(|policy| &policy.mode);
        let name = reader.optional(patch, "name", stored_name, members::text);
        let span = reader.optional(
            patch,
            "offerExpiresAfterSeconds",
            stored_span,
            members::seconds,
        );
        let mode = reader.required(patch, "mode", stored_mode.cloned(), |reader, patch| {
            DistributionMode::merged(reader, stored_mode, patch)
        });
        Some(Self {
            name,
            offer_expires_after: span,
            mode: mode?,
        })
    }
}

impl DistributionMode {
    fn merged(reader: &mut Reader, stored: Option<&Self>, patch: &Value) -> Option<Self> {
        let sent = members::object(reader, patch)?;
        let mut mode = stored.map_or(Value::Null, Self::to_json);
        merge_patch::merge(&mut mode, patch);
        let mut mode = Self::read(reader, &mode)?;
        if mode.strategy == Strategy::BestWorker {
            // Apart from the other members, as a stored rule may have secrets that no JSON shows.
            let rule = stored.and_then(|stored| stored.scoring.rule.as_ref());
            mode.scoring.rule = scoring::merged_rule(reader, rule, sent);
        }
        Some(mode)
    }

    fn to_json(&self) -> Value {
        serde_json::json!(self)
    }

    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let mode = members::object(reader, value)?;
        let strategy = reader.required(mode, "kind", None, Strategy::read);
        let count = members::integer(1, i32::MAX);
        let least = reader.defaulted(mode, "minConcurrentOffers", None, 1, count);
        let most = reader.defaulted(mode, "maxConcurrentOffers", None, 1, count);
        let bypass = reader.defaulted(mode, "bypassSelectors", None, false, members::boolean);
        if least > most {
            return reader.invalid(format_args!(
                "needs minConcurrentOffers of at most maxConcurrentOffers, but they are {least} and {most}"
            ));
        }
        let scoring = match strategy {
            Some(Strategy::BestWorker) => Scoring::read_options(reader, mode),
            _ => Scoring::default(),
        };
        Some(Self {
            strategy: strategy?,
            min_concurrent_offers: least,
            max_concurrent_offers: most,
            bypass_selectors: bypass,
            scoring,
        })
    }

    /// How many offers of one job may be open at once.
    pub(crate) fn offers_at_once(&self) -> usize {
        usize::try_from(self.max_concurrent_offers).unwrap_or(1)
    }
}

impl Strategy {
    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        match value.as_str() {
            Some("longestIdle") => Some(Self::LongestIdle),
            Some("roundRobin") => Some(Self::RoundRobin),
            Some("bestWorker") => Some(Self::BestWorker),
            _ => reader.invalid("must be longestIdle, roundRobin or bestWorker"),
        }
    }
}

/// A distribution policy as the service shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DistributionPolicyView<'a> {
    etag: Etag,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer_expires_after_seconds: Option<Seconds>,
    mode: &'a DistributionMode,
    #[serde(skip)]
    modified: Timestamp,
}

impl<'a> From<&'a DistributionPolicy> for DistributionPolicyView<'a> {
    fn from(policy: &'a DistributionPolicy) -> Self {
        Self {
            etag: policy.version.etag,
            id: &policy.id,
            name: policy.definition.name.as_deref(),
            offer_expires_after_seconds: policy.definition.offer_expires_after,
            mode: &policy.definition.mode,
            modified: policy.version.modified,
        }
    }
}

impl View for DistributionPolicyView<'_> {
    fn id(&self) -> &str {
        self.id
    }

    fn etag(&self) -> Etag {
        self.etag
    }

    fn last_modified(&self) -> Timestamp {
        self.modified
    }
}
