#![doc = include_str!("../README.md")]

mod access_key;
#[cfg(feature = "azure-core")]
mod azure_credential;
mod connection_string;
mod credential;
mod endpoint;
mod error;
mod jwt;
mod refresh;
mod scope;
mod secret;
pub mod signing;
mod token;
mod token_cache;
mod token_exchange;
mod user_token;
pub mod verification;

pub use access_key::{AccessKey, AccessKeyError};
#[cfg(feature = "azure-core")]
pub use azure_credential::AzureCoreCredential;
pub use connection_string::{ConnectionString, ConnectionStringError};
pub use credential::Credential;
pub use endpoint::{Endpoint, EndpointError};
pub use error::AuthError;
pub use jwt::AccessTokenError;
pub use scope::{COMMUNICATION_CLIENTS_SCOPE, RESOURCE_SCOPE, TEAMS_EXTENSION_SCOPE};
pub use secret::Secret;
pub use token::{AccessToken, TokenCredential};
pub use token_cache::TokenCache;
pub use token_exchange::{TokenExchange, TokenExchangeError, TokenExchanger};
pub use user_token::{RefreshingUserToken, UserTokenCredential};
