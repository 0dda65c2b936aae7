//! Identity.

mod credentials;
mod exchange;
mod refusals;
mod teams_extension;
mod users;

use acs_identity::{
    AccessToken, ClientOptions, ConnectionString, IdentityClient, Response, Result, RetryOptions,
    UserWithToken,
};
use acs_test_support::{AcsMockServer, Expectation};
use futures_util::TryFutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::case::{Called, CaseOf, Given, run_all};
use crate::coverage::IDENTITY;

type Case = CaseOf<IdentityClient>;

const USER_ID: &str =
    "8:acs:2b6e5b5f-4ab5-47a9-a2e4-8ac5d2e8dc4b_0000000e-7f4b-1f5b-5896-094822000001";
const USER: &str = "/identities/8%3Aacs%3A2b6e5b5f-4ab5-47a9-a2e4-8ac5d2e8dc4b_0000000e-7f4b-1f5b-5896-094822000001";

fn client_with(server: &AcsMockServer, options: ClientOptions) -> IdentityClient {
    let connection =
        ConnectionString::parse(&server.connection_string()).expect("connection string");
    let (endpoint, key) = (connection.endpoint(), connection.access_key());
    IdentityClient::with_options(endpoint.clone(), key.clone(), options).expect("client")
}

impl Called for IdentityClient {
    fn of(server: &AcsMockServer) -> Self {
        client_with(server, ClientOptions::new().retry(RetryOptions::none()))
    }

    fn get<'a>(server: &'a AcsMockServer, path: &str) -> Expectation<'a> {
        server.identity("GET", path)
    }
}

/// A token as the service writes it.
fn token() -> Value {
    json!({"token": "eyJhbGciOi", "expiresOn": "2021-06-16T23:04:04.1234567+00:00"})
}

fn token_given(token: &AccessToken) -> Value {
    json!({"token": token.secret().expose(), "expiresOn": token.expires_on()})
}

/// Makes the call and writes the token down.
fn shown_token(
    call: impl IntoFuture<Output = Result<Response<AccessToken>>, IntoFuture: Send + 'static>,
) -> BoxFuture<'static, Result<Given>> {
    Box::pin(call.into_future().map_ok(|answer| Given {
        was_created: Some(answer.was_created()),
        model: token_given(&answer),
    }))
}

/// Makes the call and writes user and token down.
fn shown_user(
    call: impl IntoFuture<Output = Result<Response<UserWithToken>>, IntoFuture: Send + 'static>,
) -> BoxFuture<'static, Result<Given>> {
    Box::pin(call.into_future().map_ok(|answer| Given {
        was_created: Some(answer.was_created()),
        model: json!({"identity": {"id": answer.user.id()}, "accessToken": token_given(&answer.token)}),
    }))
}

fn cases() -> Vec<Case> {
    [users::cases(), teams_extension::cases()]
        .into_iter()
        .flatten()
        .collect()
}

#[tokio::test]
async fn every_case_sends_and_reads_what_it_says_and_together_they_leave_out_nothing() {
    run_all(&cases(), &IDENTITY).await;
}
