//! What each typed call sends, and what every answer to it becomes.
//!
//! Requests and answers are written out from the fact tables, so that client and test cannot share a mistake. Most stand
//! in a table of cases. One test goes through all of it and notes what arrives at the stub; what the fact table knows and
//! no case has sent or read fails it. So the outcome depends on neither the order of tests nor on earlier runs.
//!
//! `cargo xtask contract --mutate` changes the raw client's wire names one at a time and shows that a test here fails.

mod answers;
mod assignments;
mod case;
mod chat;
mod classification_policies;
mod coverage;
mod credentials;
mod distribution_policies;
mod exception_policies;
mod identity;
mod jobs;
mod offers;
mod patches;
mod queues;
mod refusals;
mod statistics;
mod surface;
mod updates;
mod waits;
mod workers;

use acs_jobrouter::{ClientOptions, ConnectionString, JobRouterClient, RetryOptions};
use acs_test_support::AcsMockServer;

use case::Case;

/// A client of the stub that tries once only, so that each answer is seen as it is.
fn client(server: &AcsMockServer) -> JobRouterClient {
    client_of(&server.connection_string())
}

fn client_of(connection_string: &str) -> JobRouterClient {
    let connection = ConnectionString::parse(connection_string).expect("connection string");
    JobRouterClient::with_options(
        connection.endpoint().clone(),
        connection.access_key().clone(),
        ClientOptions::new().retry(RetryOptions::none()),
    )
    .expect("client")
}

/// The whole table.
fn cases() -> Vec<Case> {
    [
        distribution_policies::cases(),
        classification_policies::cases(),
        exception_policies::cases(),
        queues::cases(),
        jobs::cases(),
        assignments::cases(),
        workers::cases(),
        offers::cases(),
        statistics::cases(),
        patches::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[tokio::test]
async fn every_case_sends_and_reads_what_it_says_and_together_they_leave_out_nothing() {
    case::run_all(&cases(), &coverage::JOB_ROUTER).await;
}
