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

#[cfg(test)]
mod tests {
    use acs_auth::{AccessKey, Endpoint};

    use crate::{ClientOptions, ClientPackage, Pipeline, Result};

    fn pipeline(endpoint: &str) -> Result<Pipeline> {
        let package = ClientPackage {
            name: "acs-test",
            version: "1.2.3",
            api_version: "2023-11-01",
        };
        let key = AccessKey::from_base64("c2VjcmV0IGFjY2VzcyBrZXk=")?;
        let endpoint = Endpoint::parse(endpoint)?;
        Pipeline::new(endpoint, key.into(), package, ClientOptions::new())
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[test]
    fn with_tls_both_schemes_are_accepted() {
        pipeline("https://contoso.communication.azure.com").expect("https");
        pipeline("http://localhost:7777").expect("http");
    }

    #[cfg(all(
        feature = "rustls-no-provider",
        not(any(feature = "rustls", feature = "native-tls"))
    ))]
    #[test]
    fn without_an_installed_provider_there_is_an_error_and_no_panic() {
        for endpoint in [
            "https://contoso.communication.azure.com",
            "http://localhost:7777",
        ] {
            let error = pipeline(endpoint).expect_err(endpoint);
            assert!(matches!(error, crate::Error::Config(_)), "{error:?}");
            assert!(
                error.to_string().contains("no TLS provider is installed"),
                "{error}"
            );
        }
    }

    #[cfg(not(any(
        feature = "rustls",
        feature = "native-tls",
        feature = "rustls-no-provider"
    )))]
    #[test]
    fn without_tls_https_is_refused_and_http_works() {
        let error = pipeline("https://contoso.communication.azure.com").expect_err("https");
        assert!(matches!(error, crate::Error::Config(_)), "{error:?}");
        assert!(error.to_string().contains("built without TLS"), "{error}");
        pipeline("http://localhost:7777").expect("http");
    }
}
