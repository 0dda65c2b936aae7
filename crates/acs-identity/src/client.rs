//! The client for users and their tokens.

use acs_auth::{RefreshingUserToken, UserTokenCredential};
use acs_core::auth::{AccessToken, ConnectionString, Credential, Endpoint, Secret};
use acs_core::{
    ClientOptions, ClientPackage, Error, Pipeline, Request, Response, Result, check_id,
};
use acs_core_identity::models::{
    CommunicationIdentityCreateRequest, CommunicationIdentityTokenScope,
    TeamsExtensionAssignmentResponse, TeamsExtensionPrincipalType, TeamsUserExchangeTokenRequest,
};
use acs_core_identity::operations::{
    CREATE, DEFAULT_API_VERSION, DELETE, DELETE_ASSIGNMENT, EXCHANGE_TEAMS_USER_ACCESS_TOKEN,
    EXCHANGE_TOKEN, GET_ASSIGNMENT, REVOKE_ACCESS_TOKENS,
};
use acs_types::CommunicationUserIdentifier;

use crate::calls::{CreateUserWithToken, IssueToken, Place, UpsertTeamsExtensionAssignment};
use crate::exchange;
use crate::user::{UserWithToken, access_token, user};

pub(crate) const PACKAGE: ClientPackage = ClientPackage {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    api_version: DEFAULT_API_VERSION,
};

/// A client that creates the users of a resource and issues their tokens. It belongs on a server: whoever has its credential
/// can act as every user.
///
/// Cheap to clone; clones share connections. All methods return a call that is sent when it is awaited.
///
/// `# Errors` names what a call can meet beyond the failures of every call: 400 `ValidationError` for arguments that the
/// service refuses, 401 `Denied` for a wrong key or clock, 429 for more than 1000 calls in 30 seconds (500 for deleting,
/// revoking and exchanging), and what [`Error`] lists besides answers.
///
/// ```no_run
/// use acs_identity::{IdentityClient, TokenScope};
///
/// # async fn example() -> acs_identity::Result<()> {
/// let identity = IdentityClient::from_connection_string("endpoint=https://…/;accesskey=…")?;
/// let user = identity.create_user().await?;
/// let token = identity.issue_token(&user, [TokenScope::Chat]).await?;
/// println!("{} may chat until {}", user.id(), token.expires_on());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct IdentityClient {
    pipeline: Pipeline,
}

impl IdentityClient {
    /// A client from a connection string, as the Azure portal and the emulator show it:
    /// `endpoint=https://<resource>.communication.azure.com/;accesskey=<key>`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the part that is missing or malformed, never the key.
    pub fn from_connection_string(connection_string: &str) -> Result<Self> {
        let connection = ConnectionString::parse(connection_string)?;
        Self::new(
            connection.endpoint().clone(),
            connection.access_key().clone(),
        )
    }

    /// A client from an endpoint and an access key or a Microsoft Entra credential.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if there is no TLS for an `https` endpoint, or the credential is a chat user's.
    pub fn new(endpoint: Endpoint, credential: impl Into<Credential>) -> Result<Self> {
        Self::with_options(endpoint, credential, ClientOptions::new())
    }

    /// A client with other options than the defaults.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the option that is unusable.
    pub fn with_options(
        endpoint: Endpoint,
        credential: impl Into<Credential>,
        options: ClientOptions,
    ) -> Result<Self> {
        let pipeline = Pipeline::new(endpoint, credential.into(), PACKAGE, options)?;
        Ok(Self { pipeline })
    }

    /// Creates a user. `POST /identities`
    ///
    /// Keep the id; nobody can list users. The call is repeated only when the service certainly did not act.
    pub fn create_user(&self) -> Request<Response<CommunicationUserIdentifier>> {
        let call = self.pipeline.call(&CREATE);
        Request::new(&CREATE, async move {
            let body = CommunicationIdentityCreateRequest::new();
            let result = acs_core_identity::client(&call).create(&body).await;
            Ok(call.finish(result)?.map(user))
        })
    }

    /// Creates a user and issues a first token for these scopes. `POST /identities`
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use acs_identity::{IdentityClient, TokenScope};
    ///
    /// # async fn example(identity: IdentityClient) -> acs_identity::Result<()> {
    /// let created = identity
    ///     .create_user_with_token([TokenScope::ChatJoin])
    ///     .lifetime(Duration::from_secs(60 * 60))
    ///     .await?;
    /// println!("{} until {}", created.user.id(), created.token.expires_on());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`] without scopes. 400 `ValidationError` if the lifetime is not between 1 and 24 hours.
    pub fn create_user_with_token(
        &self,
        scopes: impl IntoIterator<Item = impl Into<CommunicationIdentityTokenScope>>,
    ) -> CreateUserWithToken {
        CreateUserWithToken::new(&self.pipeline, scopes)
    }

    /// Issues a token for a user. `POST /identities/{id}/:issueAccessToken`
    ///
    /// A user may have many valid tokens at once.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] without scopes. 400 `ValidationError` if the lifetime is not between 1 and 24 hours. What the service
    /// says of a user that was deleted or is of another resource is not documented: 404 or 403.
    pub fn issue_token(
        &self,
        user: &CommunicationUserIdentifier,
        scopes: impl IntoIterator<Item = impl Into<CommunicationIdentityTokenScope>>,
    ) -> IssueToken {
        IssueToken::new(&self.pipeline, user, scopes)
    }

    /// A credential that issues tokens for a user as they are needed: for a program that itself acts as the user, such as a
    /// bot. `POST /identities/{id}/:issueAccessToken`
    ///
    /// Give it to a chat client, or set its options first; see [`UserTokenCredential`].
    ///
    /// ```
    /// use acs_identity::{CommunicationUserIdentifier, IdentityClient, TokenScope, UserTokenCredential};
    ///
    /// fn bot(identity: &IdentityClient, bot: &CommunicationUserIdentifier) -> UserTokenCredential {
    ///     identity.user_credential(bot, [TokenScope::Chat]).proactive_refresh().build()
    /// }
    /// ```
    pub fn user_credential(
        &self,
        user: &CommunicationUserIdentifier,
        scopes: impl IntoIterator<Item = impl Into<CommunicationIdentityTokenScope>>,
    ) -> RefreshingUserToken {
        let issue = self.issue_token(user, scopes);
        UserTokenCredential::refreshing(move || {
            let issue = issue.clone();
            async move {
                let token = issue.await?.into_inner();
                Ok::<Secret, Error>(token.secret().clone())
            }
        })
    }

    /// Revokes all tokens of a user. `POST /identities/{id}/:revokeAccessTokens`
    ///
    /// The service may accept them for up to 15 more minutes. The user stays, and new tokens can be issued.
    pub fn revoke_tokens(&self, user: &CommunicationUserIdentifier) -> Request<Response<()>> {
        let (call, id) = (
            self.pipeline.call(&REVOKE_ACCESS_TOKENS),
            user.id().to_owned(),
        );
        Request::new(&REVOKE_ACCESS_TOKENS, async move {
            check_id("user id", &id)?;
            let result = acs_core_identity::client(&call)
                .revoke_access_tokens(&id)
                .await;
            call.finish(result)
        })
    }

    /// Deletes a user with all its data and revokes its tokens. `DELETE /identities/{id}`
    pub fn delete_user(&self, user: &CommunicationUserIdentifier) -> Request<Response<()>> {
        let (call, id) = (self.pipeline.call(&DELETE), user.id().to_owned());
        Request::new(&DELETE, async move {
            check_id("user id", &id)?;
            let result = acs_core_identity::client(&call).delete(&id).await;
            call.finish(result)
        })
    }

    /// Exchanges the Microsoft Entra token of a Teams user for an access token that lives as long.
    /// `POST /teamsUser/:exchangeAccessToken`
    ///
    /// `app_id` is the Entra application that the token was issued to (its claim `appid`), `user_id` the user's object id
    /// (`oid`).
    ///
    /// # Errors
    ///
    /// 401 `InvalidAccessToken` for a token that is expired or not meant for this. 400 `ValidationError` for a malformed
    /// application id, and 400 for a user id that is malformed or not the token's.
    pub fn exchange_teams_user_token(
        &self,
        entra_token: impl Into<Secret>,
        app_id: impl Into<String>,
        user_id: impl Into<String>,
    ) -> Request<Response<AccessToken>> {
        let call = self.pipeline.call(&EXCHANGE_TEAMS_USER_ACCESS_TOKEN);
        let token = entra_token.into();
        let (app_id, user_id) = (app_id.into(), user_id.into());
        Request::new(&EXCHANGE_TEAMS_USER_ACCESS_TOKEN, async move {
            let body = TeamsUserExchangeTokenRequest::new(token.expose(), app_id, user_id);
            let result = acs_core_identity::client(&call)
                .exchange_teams_user_access_token(&body)
                .await;
            Ok(call.finish(result)?.map(access_token))
        })
    }

    /// Exchanges the Microsoft Entra token of a principal that has access, see
    /// [`upsert_teams_extension_assignment`](Self::upsert_teams_extension_assignment), for an access token that lives as long.
    /// `POST /access/teamsExtension/:exchangeAccessToken`, api-version 2025-06-30
    ///
    /// The token is the proof of this call; the client's own credential is not used.
    /// [`TokenExchangeClient`](crate::TokenExchangeClient) does the same without one, and again whenever the token expires.
    ///
    /// # Errors
    ///
    /// [`Error::Auth`] if the token has expired. 401 if it is not meant for this, 403 if the principal has no access.
    pub fn exchange_teams_extension_token(
        &self,
        entra_token: AccessToken,
    ) -> Request<Response<UserWithToken>> {
        let pipeline = self.pipeline.clone();
        Request::new(
            &EXCHANGE_TOKEN,
            exchange::teams_extension(pipeline, entra_token),
        )
    }

    /// Reads the access of a principal of Microsoft Teams.
    /// `GET /access/teamsExtension/tenants/{tenantId}/assignments/{objectId}`, api-version 2025-06-30
    ///
    /// # Errors
    ///
    /// 404 if the principal has none; see
    /// [`get_teams_extension_assignment_opt`](Self::get_teams_extension_assignment_opt).
    pub fn get_teams_extension_assignment(
        &self,
        tenant_id: impl Into<String>,
        object_id: impl Into<String>,
    ) -> Request<Response<TeamsExtensionAssignmentResponse>> {
        let call = self.pipeline.call(&GET_ASSIGNMENT);
        let place = Place::new(tenant_id, object_id);
        Request::new(&GET_ASSIGNMENT, async move {
            place.check()?;
            let result = acs_core_identity::client(&call)
                .get_assignment(&place.tenant_id, &place.object_id)
                .await;
            call.finish(result)
        })
    }

    /// Reads the access of a principal that may have none: 404 is `None`.
    /// `GET /access/teamsExtension/tenants/{tenantId}/assignments/{objectId}`, api-version 2025-06-30
    pub fn get_teams_extension_assignment_opt(
        &self,
        tenant_id: impl Into<String>,
        object_id: impl Into<String>,
    ) -> Request<Option<Response<TeamsExtensionAssignmentResponse>>> {
        let get = self.get_teams_extension_assignment(tenant_id, object_id);
        Request::new(&GET_ASSIGNMENT, async move {
            match get.await {
                Err(error) if error.is_not_found() => Ok(None),
                other => other.map(Some),
            }
        })
    }

    /// Gives a user or a resource account of Microsoft Teams access to the resource, or replaces the access it has.
    /// `PUT /access/teamsExtension/tenants/{tenantId}/assignments/{objectId}`, api-version 2025-06-30
    ///
    /// ```no_run
    /// use acs_identity::{IdentityClient, TeamsExtensionPrincipalType};
    ///
    /// # async fn example(identity: IdentityClient) -> acs_identity::Result<()> {
    /// let assignment = identity
    ///     .upsert_teams_extension_assignment("tenant", "object", TeamsExtensionPrincipalType::User)
    ///     .client_ids(["application"])
    ///     .await?;
    /// println!("{}", if assignment.was_created() { "has access now" } else { "had access before" });
    /// # Ok(())
    /// # }
    /// ```
    pub fn upsert_teams_extension_assignment(
        &self,
        tenant_id: impl Into<String>,
        object_id: impl Into<String>,
        principal_type: impl Into<TeamsExtensionPrincipalType>,
    ) -> UpsertTeamsExtensionAssignment {
        let place = Place::new(tenant_id, object_id);
        UpsertTeamsExtensionAssignment::new(&self.pipeline, place, principal_type.into())
    }

    /// Takes the access away from a principal.
    /// `DELETE /access/teamsExtension/tenants/{tenantId}/assignments/{objectId}`, api-version 2025-06-30
    pub fn delete_teams_extension_assignment(
        &self,
        tenant_id: impl Into<String>,
        object_id: impl Into<String>,
    ) -> Request<Response<()>> {
        let call = self.pipeline.call(&DELETE_ASSIGNMENT);
        let place = Place::new(tenant_id, object_id);
        Request::new(&DELETE_ASSIGNMENT, async move {
            place.check()?;
            let result = acs_core_identity::client(&call)
                .delete_assignment(&place.tenant_id, &place.object_id)
                .await;
            call.finish(result)
        })
    }
}
