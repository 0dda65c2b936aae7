#![doc = include_str!("../README.md")]

mod access_key;
mod connection_string;
mod credential;
mod endpoint;
mod error;
mod secret;
pub mod signing;
mod token;
mod token_cache;
pub mod verification;

pub use access_key::{AccessKey, AccessKeyError};
pub use connection_string::{ConnectionString, ConnectionStringError};
pub use credential::Credential;
pub use endpoint::{Endpoint, EndpointError};
pub use error::AuthError;
pub use secret::Secret;
pub use token::{AccessToken, RESOURCE_SCOPE, TokenCredential};
pub use token_cache::TokenCache;
