#![doc = include_str!("../README.md")]

pub mod calls;
mod client;
mod exchange;
mod user;

pub use client::IdentityClient;
pub use exchange::TokenExchangeClient;
pub use user::UserWithToken;

#[cfg(feature = "azure-core")]
#[doc(no_inline)]
pub use acs_auth::AzureCoreCredential;
#[doc(no_inline)]
pub use acs_auth::{
    COMMUNICATION_CLIENTS_SCOPE, TEAMS_EXTENSION_SCOPE, TokenExchange, TokenExchangeError,
    TokenExchanger,
};
#[doc(no_inline)]
pub use acs_core::auth::{
    AccessKey, AccessToken, AuthError, ConnectionString, Credential, Endpoint, RefreshingUserToken,
    Secret, TokenCredential, UserTokenCredential,
};
#[doc(no_inline)]
pub use acs_core::{
    ClientOptions, Clock, ConfigError, DecodeError, Error, ErrorBody, HeaderMap, Request, Response,
    Result, RetryOptions, ServiceError, StatusCode, TransportError,
};
#[doc(no_inline)]
pub use acs_types::{
    CommunicationIdentifier, CommunicationUserIdentifier, Timestamp, UnknownVariant,
};

// Models with tokens or user ids have typed counterparts; requests are made of setters.
#[doc(inline)]
pub use acs_core_identity::models::CommunicationIdentityTokenScope as TokenScope;
#[doc(inline)]
pub use acs_core_identity::models::{
    TeamsExtensionAssignmentResponse as TeamsExtensionAssignment, TeamsExtensionPrincipalType,
};
