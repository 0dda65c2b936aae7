//! Issuing tokens.

use std::future::IntoFuture;
use std::time::Duration;

use acs_core::auth::AccessToken;
use acs_core::{CallFuture, Pipeline, Response, Result, check_id};
use acs_core_identity::client;
use acs_core_identity::models::{
    CommunicationIdentityAccessTokenRequest, CommunicationIdentityCreateRequest,
    CommunicationIdentityTokenScope,
};
use acs_core_identity::operations::{CREATE, ISSUE_ACCESS_TOKEN};
use acs_types::CommunicationUserIdentifier;

use crate::user::{UserWithToken, access_token, check_scopes};

/// Creates a user and issues a first token. Set the lifetime if need be, then await it.
///
/// It is repeated only when the service certainly did not act. When the future is dropped, there may be a user of whom nobody
/// knows the id; the service keeps it and charges nothing.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct CreateUserWithToken {
    pipeline: Pipeline,
    scopes: Vec<CommunicationIdentityTokenScope>,
    lifetime: Option<Duration>,
}

impl CreateUserWithToken {
    pub(crate) fn new(
        pipeline: &Pipeline,
        scopes: impl IntoIterator<Item = impl Into<CommunicationIdentityTokenScope>>,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            scopes: scopes.into_iter().map(Into::into).collect(),
            lifetime: None,
        }
    }

    /// How long the token is valid: 1 to 24 hours, in whole minutes; what is over is left out. Default: 24 hours.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }
}

impl IntoFuture for CreateUserWithToken {
    type Output = Result<Response<UserWithToken>>;
    type IntoFuture = CallFuture<Response<UserWithToken>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_scopes(&self.scopes)?;
            let mut body =
                CommunicationIdentityCreateRequest::new().create_token_with_scopes(self.scopes);
            body.expires_in_minutes = self.lifetime.map(minutes);
            let call = self.pipeline.call(&CREATE);
            let result = client(&call).create(&body).await;
            call.finish_as(result)
        })
    }
}

/// Issues a token for a user. Set the lifetime if need be, then await it.
///
/// It is repeated only when the service certainly did not act. When the future is dropped, there may be a token that nobody
/// has; it harms nobody and expires.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct IssueToken {
    pipeline: Pipeline,
    user: String,
    scopes: Vec<CommunicationIdentityTokenScope>,
    lifetime: Option<Duration>,
}

impl IssueToken {
    pub(crate) fn new(
        pipeline: &Pipeline,
        user: &CommunicationUserIdentifier,
        scopes: impl IntoIterator<Item = impl Into<CommunicationIdentityTokenScope>>,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            user: user.id().to_owned(),
            scopes: scopes.into_iter().map(Into::into).collect(),
            lifetime: None,
        }
    }

    /// How long the token is valid: 1 to 24 hours, in whole minutes; what is over is left out. Default: 24 hours.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }
}

impl IntoFuture for IssueToken {
    type Output = Result<Response<AccessToken>>;
    type IntoFuture = CallFuture<Response<AccessToken>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id("user id", &self.user)?;
            check_scopes(&self.scopes)?;
            let mut body = CommunicationIdentityAccessTokenRequest::new(self.scopes);
            body.expires_in_minutes = self.lifetime.map(minutes);
            let call = self.pipeline.call(&ISSUE_ACCESS_TOKEN);
            let result = client(&call).issue_access_token(&self.user, &body).await;
            Ok(call.finish(result)?.map(access_token))
        })
    }
}

/// Whole minutes. The service says which it takes; more than the wire can hold is more than it takes.
fn minutes(lifetime: Duration) -> i32 {
    i32::try_from(lifetime.as_secs() / 60).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::minutes;
    use std::time::Duration;

    #[test]
    fn a_lifetime_is_sent_in_whole_minutes() {
        for (seconds, sent) in [(0, 0), (59, 0), (3_600, 60), (3_659, 60), (86_400, 1_440)] {
            assert_eq!(minutes(Duration::from_secs(seconds)), sent);
        }
        assert_eq!(minutes(Duration::MAX), i32::MAX);
    }
}
