//! Tests across crates.
//!
//! - `contract/`: what each typed call sends and what it makes of each answer, against a stub.
//! - `faults/`: what each typed call makes of a server that misbehaves.
//! - `scenarios/`: whole stories, written once and run against a target: the emulator, or a live resource when asked.
//!
//! What the folders share is here: how each operation is called with as little as it needs.

mod chat;
mod identity;
mod router;

use acs_chat::{ChatClient, UserTokenCredential};
use acs_identity::IdentityClient;
use acs_jobrouter::{ClientOptions, ConnectionString, JobRouterClient, Pager, Result};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, TryStreamExt as _};

/// One call of an operation, and the exchange that it leads to, written out from the fact tables.
#[derive(Clone, Copy, Debug)]
pub struct OperationCall {
    /// The operation's id, such as `getJob`.
    pub operation: &'static str,
    /// The method of the request.
    pub method: &'static str,
    /// The path of the request.
    pub path: &'static str,
    /// The body of the request; empty for none.
    pub body: &'static str,
    /// The value of the request's `If-Match`.
    pub if_match: Option<&'static str>,
    /// The status of a success.
    pub status: u16,
    /// The body of a success; empty for none.
    pub answer: &'static str,
    /// The service's version that is asked for.
    pub api_version: &'static str,
    /// What the request is proven with.
    pub proof: Proof,
    /// Whether the request may be sent again when it is not known what became of it.
    pub is_repeatable: bool,
    /// Makes the call.
    pub call: Call,
}

/// Makes a call and forgets what it gives.
pub type Call = fn(Clients) -> BoxFuture<'static, Result<()>>;

/// What a request is proven with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A signature by the access key.
    Key,
    /// The token of a chat user.
    UserToken,
    /// This token, which the caller gives.
    Token(&'static str),
}

/// The clients of all services, of one resource.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Jobs, workers, queues, policies.
    pub router: JobRouterClient,
    /// Users and tokens.
    pub identity: IdentityClient,
    /// Threads.
    pub chat: ChatClient,
}

impl Clients {
    /// Clients of the resource, chat for the user of this token.
    ///
    /// # Errors
    ///
    /// One of the arguments is unusable.
    pub fn new(
        connection_string: &str,
        user_token: &str,
        options: ClientOptions,
    ) -> std::result::Result<Self, Box<dyn std::error::Error>> {
        let connection = ConnectionString::parse(connection_string)?;
        let (endpoint, key) = (connection.endpoint(), connection.access_key());
        let user = UserTokenCredential::from_token(user_token)?;
        Ok(Self {
            router: JobRouterClient::with_options(endpoint.clone(), key.clone(), options.clone())?,
            identity: IdentityClient::with_options(endpoint.clone(), key.clone(), options.clone())?,
            chat: ChatClient::with_options(endpoint.clone(), user, options)?,
        })
    }
}

/// One call of each operation of each service, and once more each with a condition.
pub fn calls() -> impl Iterator<Item = &'static OperationCall> {
    const ALL: [&[OperationCall]; 3] = [&router::CALLS, &identity::CALLS, &chat::CALLS];
    ALL.into_iter().flatten()
}

pub(crate) const fn read(
    operation: &'static str,
    path: &'static str,
    answer: &'static str,
    call: Call,
) -> OperationCall {
    OperationCall {
        operation,
        method: "GET",
        path,
        body: "",
        if_match: None,
        status: 200,
        answer,
        api_version: "2023-11-01",
        proof: Proof::Key,
        is_repeatable: true,
        call,
    }
}

pub(crate) const fn delete(
    operation: &'static str,
    path: &'static str,
    call: Call,
) -> OperationCall {
    OperationCall {
        method: "DELETE",
        status: 204,
        ..read(operation, path, "", call)
    }
}

pub(crate) const fn action(
    operation: &'static str,
    path: &'static str,
    answer: &'static str,
    call: Call,
) -> OperationCall {
    OperationCall {
        method: "POST",
        is_repeatable: false,
        ..read(operation, path, answer, call)
    }
}

pub(crate) fn done<T>(
    call: impl IntoFuture<Output = Result<T>, IntoFuture: Send + 'static>,
) -> BoxFuture<'static, Result<()>> {
    call.into_future().map(|result| result.map(drop)).boxed()
}

pub(crate) fn all<T: Send + 'static>(list: Pager<T>) -> BoxFuture<'static, Result<()>> {
    list.try_for_each(|_| async { Ok(()) }).boxed()
}
