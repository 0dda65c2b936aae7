//! The `api-version` in the query of every request.

use url::Url;

use crate::error::{ConfigError, Result};

const NAME: &str = "api-version";

/// The version of the service's interface to ask for, as a pair for a query.
#[derive(Clone, Debug)]
pub(crate) struct ApiVersion {
    pair: String,
}

impl ApiVersion {
    /// Takes letters, digits, `.` and `-`, which need no encoding.
    pub(crate) fn new(version: &str) -> Result<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        if version.is_empty() || !version.bytes().all(is_plain) {
            return Err(ConfigError::new(
                "the api-version is unusable: it must look like 2023-11-01 or 2024-01-18-preview",
            )
            .into());
        }
        Ok(Self {
            pair: format!("{NAME}={version}"),
        })
    }

    /// Adds the version unless the URL has one, as a next link may.
    pub(crate) fn add_to(&self, url: &mut Url) {
        match url.query() {
            None | Some("") => url.set_query(Some(&self.pair)),
            Some(query) if has_version(query) => {}
            Some(query) => {
                let query = format!("{query}&{}", self.pair);
                url.set_query(Some(&query));
            }
        }
    }
}

fn has_version(query: &str) -> bool {
    query
        .split('&')
        .any(|pair| pair.split_once('=').is_some_and(|(name, _)| name == NAME))
}

#[cfg(test)]
mod tests {
    use super::ApiVersion;
    use url::Url;

    #[test]
    fn is_added_once_and_leaves_the_rest_of_the_query_alone() {
        let version = ApiVersion::new("2023-11-01").expect("version");
        for (query, expected) in [
            ("", "?api-version=2023-11-01"),
            ("?", "?api-version=2023-11-01"),
            ("?a=1%3A2+3", "?a=1%3A2+3&api-version=2023-11-01"),
            (
                "?my-api-version=1",
                "?my-api-version=1&api-version=2023-11-01",
            ),
            ("?api-version=2022-07-18&a=1", "?api-version=2022-07-18&a=1"),
        ] {
            let mut url = Url::parse(&format!("http://localhost/jobs{query}")).expect("url");
            version.add_to(&mut url);
            assert_eq!(url.as_str(), format!("http://localhost/jobs{expected}"));
        }
    }

    #[test]
    fn a_version_that_would_need_encoding_is_refused() {
        for version in ["", "2023-11-01&x=1", "2023 11 01", "größe"] {
            let error = ApiVersion::new(version).expect_err(version);
            assert!(error.to_string().contains("api-version"), "{error}");
        }
    }
}
