//! Verifying what clients signed.

use std::time::Duration;

use acs_auth::AccessKey;
use acs_auth::verification::ReceivedRequest;
use acs_types::Timestamp;

use crate::server::ACCESS_KEY;

/// How far the date of a signature may be from now, as the services have it.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// Whether the stubs' key signed this request, about now.
pub(crate) fn is_valid<'a>(
    method: &str,
    target: &str,
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
    now: Timestamp,
) -> bool {
    let key = AccessKey::from_base64(ACCESS_KEY).expect("the stubs' key is base64");
    let received = ReceivedRequest {
        method,
        target,
        host: header("host").unwrap_or_default(),
        date: header("x-ms-date"),
        content_hash: header("x-ms-content-sha256"),
        authorization: header("authorization"),
        body,
    };
    received.verify(&key, now, CLOCK_TOLERANCE).is_ok()
}
