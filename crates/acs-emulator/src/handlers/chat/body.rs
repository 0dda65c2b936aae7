//! What bodies of chat hold beyond plain members.

use std::collections::BTreeMap;

use acs_chat_engine::{Dialect, Metadata, MetadataPatch, NewParticipant, RetentionPolicy};
use acs_types::{CommunicationIdentifier, Patch};
use serde_json::Value;

use crate::wire::{Failure, Members};

/// The participants of a list, which may be absent.
pub(super) fn participants(
    members: &Members,
    dialect: Dialect,
) -> Result<Vec<NewParticipant>, Failure> {
    let listed = members.objects("participants")?.unwrap_or_default();
    listed
        .iter()
        .map(|members| participant(members, dialect))
        .collect()
}

fn participant(members: &Members, dialect: Dialect) -> Result<NewParticipant, Failure> {
    let name = "communicationIdentifier";
    let identifier = members.any(name).cloned().ok_or_else(|| {
        let name = members.path(name);
        Failure::invalid_body(format!("must have `{name}`"))
    })?;
    Ok(NewParticipant {
        display_name: members.text("displayName")?,
        share_history_time: members.timestamp("shareHistoryTime")?,
        metadata: metadata_if(dialect.has_thread_metadata, members)?,
        ..NewParticipant::new(identifier_of(identifier, &members.path(name))?)
    })
}

/// An identifier as the whole body.
pub(super) fn identifier(
    object: serde_json::Map<String, Value>,
) -> Result<CommunicationIdentifier, Failure> {
    identifier_of(Value::Object(object), "communicationIdentifier")
}

fn identifier_of(value: Value, name: &str) -> Result<CommunicationIdentifier, Failure> {
    serde_json::from_value(value)
        .map_err(|error| Failure::invalid_body(format!("has an unusable `{name}`: {error}")))
}

/// Metadata where the api-version has it; older ones do not look at it.
pub(super) fn metadata_if(known: bool, members: &Members) -> Result<Metadata, Failure> {
    match known {
        true => metadata(members),
        false => Ok(Metadata::new()),
    }
}

pub(super) fn metadata(members: &Members) -> Result<Metadata, Failure> {
    let entries = entries(members)?.unwrap_or_default();
    let mut metadata = Metadata::new();
    for (name, value) in entries {
        if let Some(value) = value {
            metadata.insert(name, value);
        }
    }
    Ok(metadata)
}

pub(super) fn metadata_patch(members: &Members) -> Result<MetadataPatch, Failure> {
    if members.is_null("metadata") {
        return Ok(Patch::Clear);
    }
    Ok(entries(members)?.map_or(Patch::Keep, Patch::Set))
}

fn entries(members: &Members) -> Result<Option<BTreeMap<String, Option<String>>>, Failure> {
    let Some(object) = members.object("metadata")? else {
        return Ok(None);
    };
    let entries = object.into_iter().map(|(name, value)| match value {
        Value::String(text) => Ok((name, Some(text))),
        Value::Null => Ok((name, None)),
        other => {
            let path = members.path("metadata");
            Err(Failure::invalid_body(format!(
                "has `{path}.{name}` {other}, but a string is needed"
            )))
        }
    });
    entries.collect::<Result<_, _>>().map(Some)
}

pub(super) fn retention_policy(members: &Members) -> Result<Option<RetentionPolicy>, Failure> {
    let name = "retentionPolicy";
    let Some(object) = members.object(name)? else {
        return Ok(None);
    };
    let policy = Members::nested(object, members.path(name));
    match policy.text("kind")?.as_deref() {
        Some("none") => Ok(Some(RetentionPolicy::None)),
        Some("threadCreationDate") => {
            let days = "deleteThreadAfterDays";
            let delete_thread_after_days = policy.integer(days)?.ok_or_else(|| {
                Failure::invalid_body(format!("must have `{}`", policy.path(days)))
            })?;
            Ok(Some(RetentionPolicy::ThreadCreationDate {
                delete_thread_after_days,
            }))
        }
        other => Err(Failure::invalid_body(format!(
            "has `{}` `{}`, but none or threadCreationDate is needed",
            policy.path("kind"),
            other.unwrap_or_default()
        ))),
    }
}
