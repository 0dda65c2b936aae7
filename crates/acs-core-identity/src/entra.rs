//! The one call that none of the tabled api-versions has: the token exchange for people of the resource's own tenant.

use acs_types::Operation;
use progenitor_client::{ClientHooks as _, Error, OperationInfo, ResponseValue};

use crate::generated::Client;
use crate::generated::models::{
    CommunicationIdentityAccessTokenResult, TeamsExtensionExchangeTokenRequest,
};

/// Exchanges a Microsoft Entra token of a person of the resource's own tenant for an access token.
///
/// `POST /access/entra/:exchangeAccessToken`
pub static EXCHANGE_ENTRA_TOKEN: Operation = Operation {
    id: "exchangeEntraToken",
    method: "POST",
    path: "/access/entra/:exchangeAccessToken",
    success: &[200],
    merge_patch: false,
    optional_body: false,
    conditional: false,
    paged: false,
    since: "2025-03-02-preview",
};

impl Client {
    /// Exchanges a Microsoft Entra token of a person of the resource's own tenant for an access token.
    ///
    /// The Entra token travels in the header `Authorization`. The body is that of
    /// [`exchange_token`](Self::exchange_token), `{}`.
    ///
    /// # Errors
    ///
    /// The request could not be made; what becomes of it the call knows.
    pub async fn exchange_entra_token(
        &self,
        body: &TeamsExtensionExchangeTokenRequest,
    ) -> Result<ResponseValue<CommunicationIdentityAccessTokenResult>, Error<()>> {
        let url = format!("{}{}", self.baseurl, EXCHANGE_ENTRA_TOKEN.path);
        let request = self.client.post(url).json(body).build()?;
        let info = OperationInfo {
            operation_id: "exchange_entra_token",
        };
        let response = self.exec(request, &info).await?;
        match response.status().as_u16() {
            200 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
