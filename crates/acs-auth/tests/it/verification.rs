//! What a server refuses, and why.

use std::time::Duration;

use acs_auth::AccessKey;
use acs_auth::signing::{RequestToSign, content_hash};
use acs_auth::verification::{ReceivedRequest, VerifyError};
use acs_types::Timestamp;

const TOLERANCE: Duration = Duration::from_secs(15 * 60);
const NOW: &str = "2021-06-15T23:04:04Z";
const DATE: &str = "Tue, 15 Jun 2021 23:04:04 GMT";
const HOST: &str = "127.0.0.1:7777";
const TARGET: &str = "/routing/jobs/job-1?api-version=2023-11-01";
const BODY: &[u8] = br#"{"priority":1}"#;

fn key() -> AccessKey {
    AccessKey::from_base64("c2VjcmV0IGFjY2VzcyBrZXk=").unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn authorization(date: &str, target: &str, body: &[u8]) -> String {
    let request = RequestToSign {
        method: "PATCH",
        target,
        host: HOST,
        date,
        content_hash: &content_hash(body),
    };
    request.sign(&key()).authorization
}

/// A request that is signed properly when `hash` and `authorization` belong to it.
fn received<'a>(hash: &'a str, authorization: &'a str) -> ReceivedRequest<'a> {
    ReceivedRequest {
        method: "PATCH",
        target: TARGET,
        host: HOST,
        date: Some(DATE),
        content_hash: Some(hash),
        authorization: Some(authorization),
        body: BODY,
    }
}

fn verify(request: &ReceivedRequest<'_>) -> Result<(), VerifyError> {
    request.verify(&key(), at(NOW), TOLERANCE)
}

/// Verifies a properly signed request after one change to it.
fn verify_after(change: impl for<'a> FnOnce(&mut ReceivedRequest<'a>)) -> Result<(), VerifyError> {
    let (hash, authorization) = (content_hash(BODY), authorization(DATE, TARGET, BODY));
    let mut request = received(&hash, &authorization);
    change(&mut request);
    verify(&request)
}

#[test]
fn a_signed_request_is_accepted() {
    assert_eq!(verify_after(|_| {}), Ok(()));
}

#[test]
fn a_missing_header_is_named() {
    let missing = |name| Err(VerifyError::MissingHeader(name));
    assert_eq!(
        verify_after(|request| request.date = None),
        missing("x-ms-date")
    );
    assert_eq!(
        verify_after(|request| request.content_hash = None),
        missing("x-ms-content-sha256")
    );
    assert_eq!(
        verify_after(|request| request.authorization = None),
        missing("authorization")
    );
}

#[test]
fn a_change_to_anything_that_is_signed_is_refused() {
    let refused = Err(VerifyError::Signature);
    assert_eq!(verify_after(|request| request.method = "POST"), refused);
    assert_eq!(verify_after(|request| request.host = "127.0.0.1"), refused);
    assert_eq!(
        verify_after(|request| request.target = "/routing/jobs/job-2?api-version=2023-11-01"),
        refused
    );
    assert_eq!(
        verify_after(|request| request.target = "/routing/jobs/job-1"),
        refused
    );
    assert_eq!(
        verify_after(|request| request.date = Some("Tue, 15 Jun 2021 23:04:05 GMT")),
        refused
    );
}

#[test]
fn a_body_that_is_not_the_one_hashed_is_refused() {
    assert_eq!(
        verify_after(|request| request.body = b"{}"),
        Err(VerifyError::ContentHash)
    );
    assert_eq!(
        verify_after(|request| request.body = b""),
        Err(VerifyError::ContentHash)
    );
    assert_eq!(
        verify_after(|request| request.content_hash = Some("")),
        Err(VerifyError::ContentHash)
    );
}

#[test]
fn a_hash_that_fits_a_changed_body_does_not_save_it() {
    let hash = content_hash(b"{}");
    let authorization = authorization(DATE, TARGET, BODY);
    let request = ReceivedRequest {
        body: b"{}",
        ..received(&hash, &authorization)
    };
    assert_eq!(verify(&request), Err(VerifyError::Signature));
}

#[test]
fn only_the_documented_authorization_form_is_read() {
    let (hash, signed) = (content_hash(BODY), authorization(DATE, TARGET, BODY));
    let signature = signed.split_once("Signature=").unwrap().1;
    for text in [
        String::new(),
        "Bearer eyJhbGciOi".to_owned(),
        format!(
            "HMAC-SHA256 SignedHeaders=host;x-ms-date;x-ms-content-sha256&Signature={signature}"
        ),
        format!("HMAC-SHA256 SignedHeaders=x-ms-date;host&Signature={signature}"),
        format!("HMAC-SHA256 SignedHeaders=date;host;x-ms-content-sha256&Signature={signature}"),
        format!("HMAC-SHA256 Signature={signature}"),
        format!("{signed}&x=1"),
        format!("{signed} "),
        signed.replace('=', ":"),
        signed[..signed.len() - 2].to_owned(),
    ] {
        assert_eq!(
            verify(&received(&hash, &text)),
            Err(VerifyError::Authorization),
            "{text}"
        );
    }
}

#[test]
fn a_signature_of_another_length_is_refused() {
    let hash = content_hash(BODY);
    let prefix = "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=";
    for signature in ["", "AAAA", &"AAAA".repeat(20)] {
        let refused = verify(&received(&hash, &format!("{prefix}{signature}")));
        assert_eq!(refused, Err(VerifyError::Signature), "{signature}");
    }
}

#[test]
fn a_date_that_cannot_be_read_is_refused() {
    for text in [
        "",
        "now",
        NOW,
        "Tue, 15 Jun 2021 25:04:04 GMT",
        "Tue, 15 Jun 2021 23:04:04",
    ] {
        let refused = verify_after(|request| request.date = Some(text));
        assert_eq!(refused, Err(VerifyError::Date), "{text}");
    }
}

#[test]
fn the_date_may_differ_by_the_tolerance_either_way_and_no_more() {
    let (hash, authorization) = (content_hash(BODY), authorization(DATE, TARGET, BODY));
    let request = received(&hash, &authorization);
    for now in ["2021-06-15T22:49:04Z", "2021-06-15T23:19:04Z"] {
        assert_eq!(request.verify(&key(), at(now), TOLERANCE), Ok(()), "{now}");
    }
    for now in ["2021-06-15T22:49:03Z", "2021-06-15T23:19:05Z"] {
        let too_far = VerifyError::ClockDifference {
            difference: TOLERANCE + Duration::from_secs(1),
            tolerance: TOLERANCE,
        };
        assert_eq!(
            request.verify(&key(), at(now), TOLERANCE),
            Err(too_far),
            "{now}"
        );
    }
}

#[test]
fn checks_run_in_the_documented_order() {
    let mut request = ReceivedRequest {
        date: Some("then"),
        content_hash: None,
        ..received("", "Bearer x")
    };
    assert_eq!(
        verify(&request),
        Err(VerifyError::MissingHeader("x-ms-content-sha256"))
    );
    request.content_hash = Some("not the hash");
    assert_eq!(verify(&request), Err(VerifyError::Authorization));
    let prefix = "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=AAAA";
    request.authorization = Some(prefix);
    assert_eq!(verify(&request), Err(VerifyError::Date));
    request.date = Some("Tue, 15 Jun 1999 23:04:04 GMT");
    assert!(matches!(
        verify(&request),
        Err(VerifyError::ClockDifference { .. })
    ));
    request.date = Some(DATE);
    assert_eq!(verify(&request), Err(VerifyError::ContentHash));
    let hash = content_hash(BODY);
    request.content_hash = Some(&hash);
    assert_eq!(verify(&request), Err(VerifyError::Signature));
}

#[test]
fn a_query_signed_as_a_form_is_accepted_and_a_changed_one_is_not() {
    let hash = content_hash(BODY);
    let verify = |sent: &str, signed: &str| {
        let authorization = authorization(DATE, signed, BODY);
        verify(&ReceivedRequest {
            target: sent,
            ..received(&hash, &authorization)
        })
    };
    for (sent, signed) in [
        ("/jobs?before=08:01:02Z", "/jobs?before=08%3A01%3A02Z"),
        ("/jobs?queueId=my%20queue", "/jobs?queueId=my+queue"),
        ("/jobs?flag", "/jobs?flag="),
        ("/jobs?x=~(1)", "/jobs?x=%7E%281%29"),
        ("/jobs?", "/jobs"),
    ] {
        assert_eq!(verify(sent, sent), Ok(()), "{sent}");
        assert_eq!(verify(sent, signed), Ok(()), "{sent}");
    }
    for (sent, signed) in [
        ("/jobs?x=1", "/jobs?x=2"),
        ("/jobs?x=1", "/jobs"),
        ("/jobs?x=1&y=2", "/jobs?y=2&x=1"),
        ("/a%3Ab?x=1", "/a:b?x=1"),
    ] {
        assert_eq!(verify(sent, signed), Err(VerifyError::Signature), "{sent}");
    }
}

#[test]
fn neither_debug_nor_the_errors_show_the_signature() {
    let authorization = authorization(DATE, TARGET, BODY);
    let signature = authorization.split_once("Signature=").unwrap().1;
    let request = received("not the hash", &authorization);
    let error = verify(&request).unwrap_err();
    let shown = format!("{request:?} {error} {error:?}");
    assert!(!shown.contains(signature), "{shown}");
}
