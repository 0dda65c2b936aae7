//! The services that the emulator stands in for: what their paths, operations and api-versions are.

use std::sync::LazyLock;

use acs_core_chat::operations as chat;
use acs_core_identity::operations as identity;
use acs_core_jobrouter::operations as jobrouter;
use acs_types::Operation;
use axum::http::HeaderValue;

/// One of the services of a resource. They share an address and differ in who may call and how errors look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    JobRouter,
    Identity,
    Chat,
}

impl Service {
    pub(crate) const ALL: [Self; 3] = [Self::JobRouter, Self::Identity, Self::Chat];

    /// The service that a path belongs to. What belongs to none counts as the Job Router's.
    pub(crate) fn of_path(path: &str) -> Self {
        let first = path.strip_prefix('/').unwrap_or(path).split('/').next();
        match first.unwrap_or_default() {
            "chat" => Self::Chat,
            "identities" | "teamsUser" | "access" => Self::Identity,
            _ => Self::JobRouter,
        }
    }

    pub(crate) fn operations(self) -> &'static [&'static Operation] {
        match self {
            Self::JobRouter => jobrouter::OPERATIONS,
            Self::Identity => identity::OPERATIONS,
            Self::Chat => chat::OPERATIONS,
        }
    }

    /// All api-versions, as every answer tells them.
    pub(crate) fn supported_versions(self) -> HeaderValue {
        static TEXTS: LazyLock<[HeaderValue; 3]> = LazyLock::new(|| {
            Service::ALL.map(|service| {
                let versions = service.api_versions().join(", ");
                HeaderValue::try_from(versions).expect("versions are digits, letters and hyphens")
            })
        });
        TEXTS[self as usize].clone()
    }

    /// Oldest first.
    pub(crate) fn api_versions(self) -> &'static [&'static str] {
        match self {
            Self::JobRouter => jobrouter::API_VERSIONS,
            Self::Identity => identity::API_VERSIONS,
            Self::Chat => chat::API_VERSIONS,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_belongs_to_the_service_of_its_path() {
        for service in Service::ALL {
            for operation in service.operations() {
                assert_eq!(
                    Service::of_path(operation.path),
                    service,
                    "{}",
                    operation.id
                );
            }
        }
        for path in ["", "/", "/chats/threads", "/identities-2", "/routing/chat"] {
            assert_eq!(Service::of_path(path), Service::JobRouter, "{path}");
        }
    }

    // Handlers and counts go by the id alone.
    #[test]
    fn no_two_operations_share_an_id() {
        let ids = || Service::ALL.into_iter().flat_map(Service::operations);
        let distinct: BTreeSet<_> = ids().map(|operation| operation.id).collect();
        assert_eq!(distinct.len(), ids().count());
    }
}
