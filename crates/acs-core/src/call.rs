//! One call: from the generated client's request to a decoded answer or an error.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use acs_types::Operation;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, Method};
use progenitor_client::{Error as GeneratedError, ResponseValue};
use serde::de::DeserializeOwned;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};
use uuid::fmt::Hyphenated;

use crate::attempts::Repetition;
use crate::error::{CallContext, ConfigError, DecodeError, Result};
use crate::exchange::Prepared;
use crate::link;
use crate::pager::Continuation;
use crate::pipeline::{Pipeline, Shared};
use crate::response::{Answer, Response};
use crate::retry;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const MERGE_PATCH: HeaderValue = HeaderValue::from_static("application/merge-patch+json");

/// One call of an operation: what a generated client carries from its request to its result.
///
/// The hooks of generated clients can fail only with an error of the HTTP library. Therefore [`execute`](Self::execute)
/// keeps the outcome here, whatever it is, and shows the generated client an error, so that it looks no further.
/// [`finish`](Self::finish) puts the outcome in the place of what the generated client makes of that.
///
/// In a raw crate, the inner type of the generated client is `Call`, and its `exec` hook is `execute`:
///
/// ```
/// # struct Client { call: acs_core::Call }
/// # impl Client { fn inner(&self) -> &acs_core::Call { &self.call } }
/// # impl Client {
/// fn exec(
///     &self,
///     request: reqwest::Request,
/// ) -> impl Future<Output = reqwest::Result<reqwest::Response>> {
///     self.inner().execute(request)
/// }
/// # }
/// ```
///
/// The future of a call may be dropped at any time: nothing goes on in the background, and the pipeline stays usable. A
/// request that was on its way by then may still be carried out.
#[derive(Clone)]
pub struct Call(Arc<State>);

struct State {
    pipeline: Pipeline,
    operation: &'static Operation,
    prepared: OnceLock<Prepared>,
    outcome: Mutex<Option<Result<Answer>>>,
}

impl Call {
    pub(crate) fn new(pipeline: Pipeline, operation: &'static Operation) -> Self {
        Self(Arc::new(State {
            pipeline,
            operation,
            prepared: OnceLock::new(),
            outcome: Mutex::new(None),
        }))
    }

    /// What the generated client puts before the paths of its operations: the endpoint without a `/` at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.shared().endpoint.as_str()
    }

    /// The HTTP client for the generated client to build its requests with.
    #[must_use]
    pub fn http_client(&self) -> &reqwest::Client {
        &self.shared().http
    }

    /// Does everything between the request as the generated client builds it and a complete answer: `api-version`, content
    /// type, request id, user agent, then attempts until one succeeds or none may follow, each with a date and signature
    /// (or token) of its own, each read to the last byte.
    ///
    /// # Errors
    ///
    /// Always the same one, which means nothing. The outcome is kept for [`finish`](Self::finish).
    pub fn execute(
        &self,
        request: reqwest::Request,
    ) -> impl Future<Output = reqwest::Result<reqwest::Response>> + Send {
        // Not in the future, which would keep room for the request as it was.
        let prepared = self.prepare(request);
        async move {
            let outcome = match prepared {
                // Boxed to keep the future small: those of the generated client and of its caller contain it.
                Ok(prepared) => Box::pin(self.run(prepared)).await,
                Err(error) => Err(error),
            };
            *self.outcome() = Some(outcome);
            Err(self.stand_in())
        }
    }

    /// Turns the result of the generated client's method into the result of the call.
    ///
    /// # Errors
    ///
    /// Whatever failed: the arguments, the way there and back, the service's opinion, reading the answer; see [`Error`].
    ///
    /// [`Error`]: crate::Error
    pub fn finish<T: DeserializeOwned + 'static>(
        self,
        result: Result<ResponseValue<T>, GeneratedError<()>>,
    ) -> Result<Response<T>> {
        self.finish_as(result)
    }

    /// Like [`finish`](Self::finish), but reads the answer as another model than the generated client's.
    ///
    /// # Errors
    ///
    /// As for [`finish`](Self::finish).
    pub fn finish_as<T: DeserializeOwned + 'static, W>(
        self,
        result: Result<ResponseValue<W>, GeneratedError<()>>,
    ) -> Result<Response<T>> {
        let operation = self.0.operation.id;
        let outcome = self.outcome().take();
        match outcome {
            Some(answer) => Ok(answer?.decode(operation)?),
            None => Err(not_executed(operation, result.err()).into()),
        }
    }

    /// Fetches the page that a continuation leads to.
    pub(crate) async fn follow<P: DeserializeOwned + 'static>(
        &self,
        continuation: &Continuation,
    ) -> Result<Response<P>> {
        let operation = self.0.operation.id;
        let url =
            link::resolve(&self.shared().endpoint, continuation.as_str()).map_err(|reason| {
                DecodeError::next_link(CallContext::before_sending(operation), reason)
            })?;
        let mut request = reqwest::Request::new(Method::GET, url);
        request.headers_mut().insert(ACCEPT, JSON);
        let answer = self.run(self.prepare(request)?).await?;
        Ok(answer.decode(operation)?)
    }

    async fn run(&self, prepared: &Prepared) -> Result<Answer> {
        let span = info_span!(
            "acs_call",
            operation = self.0.operation.id,
            client_request_id = prepared.request_id.to_str().unwrap_or_default(),
            attempts = Empty,
            status = Empty,
            request_id = Empty,
        );
        // Pinned so that not the future is moved, which is large, but a pointer.
        let attempts = pin!(self.attempts(prepared));
        let result = attempts.instrument(span.clone()).await;
        record(&span, &result);
        result
    }

    /// Completes what is the same in all attempts. It is kept in the call, which futures only refer to.
    fn prepare(&self, mut request: reqwest::Request) -> Result<&Prepared> {
        let (shared, operation) = (self.shared(), self.0.operation);
        let body = take_body(&mut request, operation.optional_body)?;
        let hash = shared
            .authorization
            .hash(body.as_deref().unwrap_or_default())?;
        shared.add_version(request.url_mut(), operation)?;
        let headers = request.headers_mut();
        describe_body(headers, operation, body.is_some());
        let prepared = Prepared {
            is_repeatable: retry::is_repeatable(operation, headers),
            request: without(shared.headers(body.is_some()), request),
            body,
            hash,
            request_id: new_request_id(),
        };
        let kept = &self.0.prepared;
        let first = kept.set(prepared).ok().and_then(|()| kept.get());
        first.ok_or_else(|| {
            ConfigError::new(format!("{} was executed twice with one call", operation.id)).into()
        })
    }

    async fn attempts(&self, prepared: &Prepared) -> Result<Answer> {
        let shared = self.shared();
        let repetition = Repetition {
            retry: &shared.retry,
            limits: &shared.limits,
            is_repeatable: prepared.is_repeatable,
            random: fastrand::f64,
        };
        let (result, attempts) = repetition
            .run(|deadline| shared.attempt(prepared, deadline))
            .await;
        let request_id = prepared.request_id.clone();
        match result {
            Ok(reply) => {
                let (head, body) = reply.into_parts(attempts, request_id);
                Ok(Answer { head, body })
            }
            Err(failure) => Err(failure.into_error(self.0.operation.id, attempts, request_id)),
        }
    }

    /// What the generated client gets to see. It costs less than the answer itself, which would be taken apart twice.
    fn stand_in(&self) -> reqwest::Error {
        // The one way to an error of the HTTP library that takes neither a request nor an answer.
        let no_url = self.http_client().get("the outcome is in the call").build();
        no_url.expect_err("a text without a scheme is no URL")
    }

    fn shared(&self) -> &Shared {
        self.0.pipeline.shared()
    }

    fn outcome(&self) -> MutexGuard<'_, Option<Result<Answer>>> {
        // Nothing that can panic runs while the lock is held, so a poisoned outcome is still whole.
        self.0
            .outcome
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Call")
            .field("operation", &self.0.operation.id)
            .field("pipeline", &self.0.pipeline)
            .finish_non_exhaustive()
    }
}

/// The body that will be sent; `None` also for an empty object where a body may be left out.
fn take_body(
    request: &mut reqwest::Request,
    is_optional: bool,
) -> Result<Option<Bytes>, ConfigError> {
    let Some(body) = request.body_mut().take() else {
        return Ok(None);
    };
    match body.as_bytes() {
        Some(b"{}") if is_optional => Ok(None),
        Some(bytes) => Ok(Some(Bytes::copy_from_slice(bytes))),
        None => Err(ConfigError::new(
            "a streamed body can be neither signed nor repeated",
        )),
    }
}

/// Takes out the headers that all requests have. Mostly none are left, which take no memory while the answer is waited for.
fn without(common: &HeaderMap, mut request: reqwest::Request) -> reqwest::Request {
    let headers = std::mem::take(request.headers_mut());
    let own = headers
        .iter()
        .filter(|(name, value)| common.get(*name) != Some(value));
    request
        .headers_mut()
        .extend(own.map(|(name, value)| (name.clone(), value.clone())));
    request
}

/// The headers of a body, or of none.
fn describe_body(headers: &mut HeaderMap, operation: &Operation, has_body: bool) {
    if !has_body {
        headers.remove(CONTENT_TYPE);
        // Some front ends answer 411 to such a request without a length.
        if matches!(operation.method, "POST" | "PUT" | "PATCH") {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
    } else if operation.merge_patch {
        headers.insert(CONTENT_TYPE, MERGE_PATCH);
    }
}

/// A fresh UUID. It need not be hard to guess, only unlikely to be given twice.
fn new_request_id() -> HeaderValue {
    let id = uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid();
    let mut text = [0; Hyphenated::LENGTH];
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut text))
        .expect("hexadecimal digits and hyphens fit into a header")
}

fn record(span: &Span, result: &Result<Answer>) {
    if span.is_disabled() {
        return;
    }
    let (attempts, status, request_id) = match result {
        Ok(Answer { head, .. }) => (
            head.attempts,
            Some(head.status),
            head.request_id().to_str().ok(),
        ),
        Err(error) => (error.attempts(), error.status(), error.request_id()),
    };
    span.record("attempts", attempts);
    span.record("status", status.map(|status| status.as_u16()));
    span.record("request_id", request_id);
}

/// The generated client gave up on its own: before its `exec` hook, or after a hook that is not ours.
fn not_executed(operation: &str, error: Option<GeneratedError<()>>) -> ConfigError {
    let unsendable = format!("{operation} has an argument that cannot be sent");
    match error {
        Some(GeneratedError::InvalidRequest(reason) | GeneratedError::Custom(reason)) => {
            ConfigError::new(format!("{unsendable}: {reason}"))
        }
        Some(GeneratedError::CommunicationError(error)) => {
            ConfigError::new(unsendable).with_source(error.without_url())
        }
        _ => ConfigError::new(format!("{operation} was not executed by way of its call")),
    }
}
