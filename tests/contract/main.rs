//! What each typed call sends, and what every answer to it becomes.
//!
//! Requests and answers are written out from the fact tables, so that client and test cannot share a mistake.
//! `cargo xtask contract --mutate` changes the raw client's wire names one at a time and shows that a test here fails.

mod answers;
mod assignments;
mod credentials;
mod distribution_policies;
mod jobs;
mod offers;
mod queues;
mod refusals;
mod workers;

use acs_jobrouter::{ClientOptions, ConnectionString, JobRouterClient, RetryOptions};
use acs_test_support::AcsMockServer;

/// A client of the stub that tries once only, so that each answer is seen as it is.
fn client(server: &AcsMockServer) -> JobRouterClient {
    let connection =
        ConnectionString::parse(&server.connection_string()).expect("connection string");
    JobRouterClient::with_options(
        connection.endpoint().clone(),
        connection.access_key().clone(),
        ClientOptions::new().retry(RetryOptions::none()),
    )
    .expect("client")
}
