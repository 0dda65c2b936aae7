//! Whether this build and this program can make encrypted connections.

use acs_auth::Endpoint;

use crate::error::ConfigError;

/// Refuses what the HTTP library would panic on, or report only with the first request.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
pub(crate) fn check(_endpoint: &Endpoint) -> Result<(), ConfigError> {
    Ok(())
}

/// Refuses what the HTTP library would panic on: it prepares TLS even if no connection will use it.
#[cfg(all(
    feature = "rustls-no-provider",
    not(any(feature = "rustls", feature = "native-tls"))
))]
pub(crate) fn check(_endpoint: &Endpoint) -> Result<(), ConfigError> {
    match rustls::crypto::CryptoProvider::get_default() {
        Some(_) => Ok(()),
        None => Err(ConfigError::new(
            "no TLS provider is installed: call `install_default` of a rustls provider before making a client, or use the \
             feature `rustls`, which brings one",
        )),
    }
}

/// Refuses what the HTTP library would report only with the first request.
#[cfg(not(any(
    feature = "rustls",
    feature = "native-tls",
    feature = "rustls-no-provider"
)))]
pub(crate) fn check(endpoint: &Endpoint) -> Result<(), ConfigError> {
    match endpoint.as_url().scheme() {
        "http" => Ok(()),
        _ => Err(ConfigError::new(
            "the endpoint is https, and this program was built without TLS: use one of the features `rustls`, \
             `native-tls` and `rustls-no-provider`",
        )),
    }
}
