//! The scopes of Microsoft Entra tokens.

/// The scope of Microsoft Entra tokens for a resource. The two slashes before `.default` are part of it.
///
/// Identity and Job Router take such tokens. The official packages ask for this scope in every cloud, whatever the
/// domain of the resource. For a cloud that wants another one, wrap the credential and ask for that in its place.
pub const RESOURCE_SCOPE: &str = "https://communication.azure.com//.default";

/// The scope of Microsoft Entra tokens that stand for a person of the resource's own tenant and can be exchanged for a user
/// access token.
pub const COMMUNICATION_CLIENTS_SCOPE: &str = "https://communication.azure.com/clients/.default";

/// The scope of Microsoft Entra tokens that stand for a person in Microsoft Teams and can be exchanged for a user access
/// token of a resource. In the clouds of the United States government the host is `auth.msft.communication.azure.us`.
pub const TEAMS_EXTENSION_SCOPE: &str =
    "https://auth.msft.communication.azure.com/TeamsExtension.ManageCalls";

/// What the scopes for [`TokenExchange::CommunicationClients`](crate::TokenExchange::CommunicationClients) begin with.
pub(crate) const COMMUNICATION_CLIENTS: &[&str] = &["https://communication.azure.com/clients/"];

/// What the scopes for [`TokenExchange::TeamsExtension`](crate::TokenExchange::TeamsExtension) begin with: the public
/// cloud and those of the United States government.
pub(crate) const TEAMS_EXTENSION: &[&str] = &[
    "https://auth.msft.communication.azure.com/",
    "https://auth.msft.communication.azure.us/",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_what_the_official_packages_ask_for() {
        assert_eq!(RESOURCE_SCOPE, "https://communication.azure.com//.default");
        assert!(COMMUNICATION_CLIENTS_SCOPE.starts_with(COMMUNICATION_CLIENTS[0]));
        assert!(TEAMS_EXTENSION_SCOPE.starts_with(TEAMS_EXTENSION[0]));
    }
}
