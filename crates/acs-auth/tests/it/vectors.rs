//! Signatures made by the Python and JavaScript packages.

use std::time::Duration;

use acs_auth::signing::{RequestToSign, content_hash};
use acs_auth::verification::{ReceivedRequest, VerifyError};
use acs_auth::{AccessKey, Endpoint};
use acs_types::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    url: String,
    body: Option<String>,
    access_key_base64: String,
    utc_now: String,
    expected: Expected,
    other_signer: Option<String>,
    other_authorization: Option<String>,
}

#[derive(Deserialize)]
struct Expected {
    request_target: String,
    host: String,
    #[serde(rename = "x-ms-date")]
    date: String,
    #[serde(rename = "x-ms-content-sha256")]
    content_hash: String,
    string_to_sign: String,
    authorization: String,
}

impl Vector {
    fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default().as_bytes()
    }

    fn key(&self) -> AccessKey {
        AccessKey::from_base64(&self.access_key_base64).unwrap()
    }

    fn now(&self) -> Timestamp {
        Timestamp::parse_http_date(&self.utc_now).unwrap()
    }

    /// The request as it arrives with the given host and `Authorization`.
    fn verify(&self, host: &str, authorization: &str) -> Result<(), VerifyError> {
        ReceivedRequest {
            method: &self.method,
            target: &self.expected.request_target,
            host,
            date: Some(&self.expected.date),
            content_hash: Some(&self.expected.content_hash),
            authorization: Some(authorization),
            body: self.body(),
        }
        .verify(&self.key(), self.now(), Duration::from_secs(15 * 60))
    }
}

fn vectors() -> Vec<Vector> {
    let fixture: Fixture =
        serde_json::from_str(include_str!("../fixtures/hmac-vectors.json")).unwrap();
    assert_eq!(fixture.vectors.len(), 12);
    fixture.vectors
}

fn vectors_of_other_signer(signer: &str) -> Vec<Vector> {
    let vectors: Vec<_> = vectors()
        .into_iter()
        .filter(|vector| vector.other_signer.as_deref() == Some(signer))
        .collect();
    assert_eq!(vectors.len(), 1, "{signer}");
    vectors
}

#[test]
fn signing_gives_what_each_vector_expects() {
    for vector in vectors() {
        let (name, expected) = (&vector.name, &vector.expected);
        let url: url::Url = vector.url.parse().unwrap();
        let endpoint = Endpoint::parse(&url[..url::Position::BeforePath]).unwrap();
        assert_eq!(
            &url[url::Position::BeforePath..],
            expected.request_target,
            "{name}"
        );
        assert_eq!(endpoint.host(), expected.host, "{name}");

        let (date, hash) = (vector.now().http_date(), content_hash(vector.body()));
        let request = RequestToSign {
            method: &vector.method,
            target: &url[url::Position::BeforePath..],
            host: endpoint.host(),
            date: &date,
            content_hash: &hash,
        };
        assert_eq!(request.string_to_sign(), expected.string_to_sign, "{name}");
        assert_eq!(
            request.sign(&vector.key()).pairs(),
            [
                ("x-ms-date", expected.date.as_str()),
                ("x-ms-content-sha256", expected.content_hash.as_str()),
                ("authorization", expected.authorization.as_str()),
            ],
            "{name}"
        );
    }
}

#[test]
fn the_endpoint_of_each_vector_as_written_has_the_expected_host() {
    for vector in vectors() {
        let origin_ends = vector.url.match_indices('/').nth(2).unwrap().0;
        let endpoint = Endpoint::parse(&vector.url[..origin_ends]).unwrap();
        assert_eq!(endpoint.host(), vector.expected.host, "{}", vector.name);
    }
}

#[test]
fn verifying_accepts_each_vector() {
    for vector in vectors() {
        let expected = &vector.expected;
        assert_eq!(
            vector.verify(&expected.host, &expected.authorization),
            Ok(()),
            "{}",
            vector.name
        );
    }
}

#[test]
fn verifying_refuses_each_vector_under_another_host_or_key() {
    for vector in vectors() {
        let expected = &vector.expected;
        let elsewhere = vector.verify("elsewhere.example", &expected.authorization);
        assert_eq!(elsewhere, Err(VerifyError::Signature), "{}", vector.name);

        let other_key = Vector {
            access_key_base64: "b3RoZXI=".to_owned(),
            ..vector
        };
        let refused = other_key.verify(&other_key.expected.host, &other_key.expected.authorization);
        assert_eq!(refused, Err(VerifyError::Signature), "{}", other_key.name);
    }
}

#[test]
fn verifying_accepts_what_javascript_signs_over_the_query_as_a_form() {
    for vector in vectors_of_other_signer("javascript") {
        let other = vector.other_authorization.as_deref().unwrap();
        assert_ne!(other, vector.expected.authorization);
        assert_eq!(
            vector.verify(&vector.expected.host, other),
            Ok(()),
            "{}",
            vector.name
        );
    }
}

/// Python signs `host:443` when its endpoint was typed that way, but sends `Host` without the default port, so no
/// server that goes by the wire can accept it. With the port in `Host` the same signature is right.
#[test]
fn verifying_refuses_what_python_signs_over_a_port_it_does_not_send() {
    for vector in vectors_of_other_signer("python") {
        let other = vector.other_authorization.as_deref().unwrap();
        let host = &vector.expected.host;
        assert_eq!(
            vector.verify(host, other),
            Err(VerifyError::Signature),
            "{}",
            vector.name
        );
        assert_eq!(
            vector.verify(&format!("{host}:443"), other),
            Ok(()),
            "{}",
            vector.name
        );
    }
}
