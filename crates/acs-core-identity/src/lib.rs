#![doc = include_str!("../README.md")]

mod entra;
#[rustfmt::skip]
#[allow(
    clippy::all,
    reason = "generated code is corrected in its generator, and progenitor does not write for clippy"
)]
mod generated;

use acs_core::Call;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};

pub use self::entra::EXCHANGE_ENTRA_TOKEN;
pub use self::generated::{Client, models, operations};

/// Makes the raw client of one call. It is cheap, and the client must not be used for a second call: what `call` knows of its
/// operation would be wrong, and its answer would be lost.
#[must_use]
pub fn client(call: &Call) -> Client {
    Client::new_with_client(call.base_url(), call.http_client().clone(), call.clone())
}

impl ClientHooks<Call> for Client {
    /// Hands the request to the pipeline, which sends it as often as it takes.
    fn exec(
        &self,
        request: reqwest::Request,
        _: &OperationInfo,
    ) -> impl Future<Output = reqwest::Result<reqwest::Response>> {
        self.inner().execute(request)
    }
}
