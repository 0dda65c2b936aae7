//! Exchanging Microsoft Entra tokens of persons for access tokens of users.

use acs_auth::{TokenExchange, TokenExchanger};
use acs_core::auth::{AccessToken, AuthError, Endpoint};
use acs_core::{ClientOptions, Error, Pipeline, Response, Result};
use acs_core_identity::models::{
    CommunicationIdentityAccessToken, TeamsExtensionExchangeTokenRequest,
};
use acs_core_identity::operations::EXCHANGE_TOKEN;
use acs_core_identity::{EXCHANGE_ENTRA_TOKEN, client};
use async_trait::async_trait;
use serde::Deserialize;

use crate::client::PACKAGE;
use crate::user::{UserWithToken, access_token};

/// Makes the request by which a person who has signed in with Microsoft Entra becomes a chat user.
///
/// It needs no credential of the resource: the person's token is the proof. A credential for chat is made of it with
/// [`UserTokenCredential::from_entra`](acs_auth::UserTokenCredential::from_entra), which exchanges again whenever the token
/// has changed or expired:
///
/// ```
/// use std::sync::Arc;
/// use acs_identity::{COMMUNICATION_CLIENTS_SCOPE, Endpoint, TokenCredential, TokenExchangeClient, UserTokenCredential};
///
/// fn chat_credential(
///     entra: Arc<dyn TokenCredential>,
/// ) -> Result<UserTokenCredential, Box<dyn std::error::Error>> {
///     let endpoint = Endpoint::parse("https://contoso.communication.azure.com")?;
///     let exchange = Arc::new(TokenExchangeClient::new(endpoint)?);
///     Ok(UserTokenCredential::from_entra(entra, &[COMMUNICATION_CLIENTS_SCOPE], exchange)?.build())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct TokenExchangeClient {
    pipeline: Pipeline,
}

impl TokenExchangeClient {
    /// A client for the resource at this endpoint.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if there is no TLS for an `https` endpoint.
    pub fn new(endpoint: Endpoint) -> Result<Self> {
        Self::with_options(endpoint, ClientOptions::new())
    }

    /// A client with other options than the defaults.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the option that is unusable.
    pub fn with_options(endpoint: Endpoint, options: ClientOptions) -> Result<Self> {
        let pipeline = Pipeline::without_credential(endpoint, PACKAGE, options)?;
        Ok(Self { pipeline })
    }
}

/// The part of the answer that both exchanges have in common.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exchanged {
    access_token: CommunicationIdentityAccessToken,
}

#[async_trait]
impl TokenExchanger for TokenExchangeClient {
    async fn exchange(
        &self,
        exchange: TokenExchange,
        entra_token: &AccessToken,
    ) -> Result<AccessToken, AuthError> {
        let pipeline = self.pipeline.with_token(entra_token.clone());
        let body = TeamsExtensionExchangeTokenRequest::new();
        let exchanged: Result<Response<Exchanged>> = match exchange {
            TokenExchange::CommunicationClients => {
                let call = pipeline.call(&EXCHANGE_ENTRA_TOKEN);
                let result = client(&call).exchange_entra_token(&body).await;
                call.finish_as(result)
            }
            TokenExchange::TeamsExtension => {
                let call = pipeline.call(&EXCHANGE_TOKEN);
                let result = client(&call).exchange_token(&body).await;
                call.finish_as(result)
            }
            _ => {
                return Err(AuthError::new(
                    "this version of acs-identity does not know this token exchange",
                ));
            }
        };
        exchanged
            .map(|answer| access_token(answer.into_inner().access_token))
            .map_err(refused)
    }
}

fn refused(error: Error) -> AuthError {
    AuthError::with_source("the Microsoft Entra token was not exchanged", error)
}

/// Exchanges the token of a person in Microsoft Teams, whatever the pipeline's own credential is.
pub(crate) async fn teams_extension(
    pipeline: Pipeline,
    entra_token: AccessToken,
) -> Result<Response<UserWithToken>> {
    let call = pipeline.with_token(entra_token).call(&EXCHANGE_TOKEN);
    let body = TeamsExtensionExchangeTokenRequest::new();
    let result = client(&call).exchange_token(&body).await;
    call.finish_as(result)
}
