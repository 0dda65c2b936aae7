//! The way of a request: body, signature, route, api-version, handler; and the headers that every answer carries.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use acs_types::Operation;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use uuid::Uuid;

use crate::control::{self, Control};
use crate::entra::{self, EntraEndpoint};
use crate::gate::Gate;
use crate::handlers::{self, Handler};
use crate::rate_limits::Counted;
use crate::routes::{Match, Routes};
use crate::service::Service;
use crate::shell::Shell;
use crate::wire::{Call, Failure, Query, Reply, origin};

/// The largest request body in bytes.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const CORRELATION_VECTOR: HeaderName = HeaderName::from_static("ms-cv");
const SUPPORTED_VERSIONS: HeaderName = HeaderName::from_static("api-supported-versions");

/// Everything a request needs.
#[derive(Debug)]
pub(crate) struct Server {
    shell: Arc<Shell>,
    gate: Gate,
    entra: EntraEndpoint,
    routes: Routes,
    implemented: BTreeMap<&'static str, Implemented>,
    control: Control,
}

/// An operation that has a handler, and how often it was called.
#[derive(Debug)]
struct Implemented {
    handler: Handler,
    calls: AtomicU64,
}

impl Server {
    pub(crate) fn new(shell: Arc<Shell>, gate: Gate, entra: EntraEndpoint) -> Self {
        let operations = Service::ALL.into_iter().flat_map(Service::operations);
        let implemented = handlers::all().map(|(id, handler)| {
            let calls = AtomicU64::new(0);
            (id, Implemented { handler, calls })
        });
        Self {
            shell,
            gate,
            entra,
            routes: Routes::new(operations.copied()),
            implemented: implemented.collect(),
            control: Control::new(),
        }
    }

    pub(crate) fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(serve).with_state(self)
    }

    /// The operations called so far and how often: those whose request got as far as its handler.
    pub(crate) fn exercised(&self) -> BTreeMap<&'static str, u64> {
        let counts = self.implemented.iter().map(|(id, implemented)| {
            let calls = implemented.calls.load(Ordering::Relaxed);
            (*id, calls)
        });
        counts.filter(|(_, calls)| *calls > 0).collect()
    }

    async fn answer(&self, head: &Parts, body: Body) -> Result<Response<Body>, Failure> {
        let body = read(body).await?;
        let path = head.uri.path();
        if control::is_addressed(path) {
            let reply = self.control.answer(&self.shell, head, body).await;
            return reply?.into_response();
        }
        if entra::is_addressed(path) {
            return self.entra.answer(head, &body)?.into_response();
        }
        let service = Service::of_path(path);
        let addressed = self.routes.addressed(head);
        // Strangers learn nothing, not even what there is.
        let operation = addressed.as_ref().map(|found| found.operation).ok();
        let principal = self
            .gate
            .admit(&self.shell, service, operation, head, &body)?;
        let Match { operation, ids } = addressed?;
        let query = Query::parse(head.uri.query().unwrap_or_default());
        check_api_version(service, operation, &query, head)?;
        let Some(implemented) = self.implemented.get(operation.id) else {
            return Err(Failure::not_implemented(operation));
        };
        let thread = ids.iter().find(|(name, _)| *name == "chatThreadId");
        let counted = Counted {
            operation: operation.id,
            user: principal.raw_id(),
            thread: thread.map_or("", |(_, id)| id),
        };
        self.shell
            .count(counted)
            .map_err(Failure::too_many_requests)?;
        implemented.calls.fetch_add(1, Ordering::Relaxed);
        let call = Call {
            operation,
            ids,
            query,
            headers: &head.headers,
            body,
            origin: origin(head),
            principal,
        };
        self.handle(implemented.handler, &call)?.into_response()
    }

    /// A panic is a bug of ours, reported on stderr by then; the caller gets an answer all the same.
    fn handle(&self, handler: Handler, call: &Call<'_>) -> Result<Reply, Failure> {
        let reply = catch_unwind(AssertUnwindSafe(|| handler(&self.shell, call)));
        reply.unwrap_or_else(|_| {
            let operation = call.operation.id;
            Err(Failure::internal(format!(
                "the handler of `{operation}` panicked"
            )))
        })
    }
}

async fn serve(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let request_id = new_request_id();
    let answer = server.answer(&head, body).await;
    log(&head, request_id, &answer);
    let (path, service) = (head.uri.path(), Service::of_path(head.uri.path()));
    let mut response = answer.unwrap_or_else(|failure| failure.into_response(service, path));
    stamp(response.headers_mut(), &head.headers, service, request_id);
    response
}

/// It need not be hard to guess, only unlikely to be given twice.
fn new_request_id() -> Uuid {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid()
}

async fn read(body: Body) -> Result<Bytes, Failure> {
    // Either the limit was reached or the connection broke; in the latter case nobody reads the answer.
    let read = axum::body::to_bytes(body, LARGEST_BODY).await;
    read.map_err(|error| Failure::body_too_large(LARGEST_BODY, error.to_string()))
}

/// Operations that came later are unknown to the versions before them.
fn check_api_version(
    service: Service,
    operation: &Operation,
    query: &Query,
    head: &Parts,
) -> Result<(), Failure> {
    let is_supported = |version: &&str| *version >= operation.since;
    let given = query.value("api-version")?;
    let versions = service.api_versions().iter().copied().filter(is_supported);
    if versions.clone().any(|version| Some(version) == given) {
        return Ok(());
    }
    // Written out only for those who need it: every other request passes here, too.
    let supported = versions.collect::<Vec<_>>().join("`, `");
    let refuse = |code, message| Err(Failure::new(StatusCode::BAD_REQUEST, code, message));
    match given {
        Some(version) => {
            let (origin, path) = (origin(head), head.uri.path());
            refuse(
                "UnsupportedApiVersion",
                format!(
                    "the HTTP resource that matched the request URI '{origin}{path}' does not support the API version \
                     '{version}'; `api-version` must be one of `{supported}`"
                ),
            )
        }
        None => refuse(
            "MissingApiVersionParameter",
            format!(
                "the query parameter `api-version` is missing; it must be one of `{supported}`"
            ),
        ),
    }
}

fn stamp(headers: &mut HeaderMap, request: &HeaderMap, service: Service, request_id: Uuid) {
    // None of these texts holds what a header must not.
    let mut set = |name, text: String| {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    };
    set(REQUEST_ID, request_id.to_string());
    let mut vector = STANDARD_NO_PAD.encode(request_id.as_bytes());
    vector.push_str(".0");
    set(CORRELATION_VECTOR, vector);
    headers.insert(SUPPORTED_VERSIONS, service.supported_versions());
    if let Some(id) = request.get(&CLIENT_REQUEST_ID) {
        headers.insert(CLIENT_REQUEST_ID, id.clone());
    }
}

/// What a client's author must know shows by default: a signature that fails says nothing of its reason to the client.
fn log(head: &Parts, request_id: Uuid, answer: &Result<Response<Body>, Failure>) {
    let (method, path) = (&head.method, head.uri.path());
    let failure = match answer {
        Ok(response) => {
            let status = response.status().as_u16();
            tracing::debug!(%method, path, status, %request_id, "answered");
            return;
        }
        Err(failure) => failure,
    };
    let status = failure.status().as_u16();
    match failure.status() {
        StatusCode::INTERNAL_SERVER_ERROR => {
            tracing::error!(%method, path, status, %request_id, %failure, "failed")
        }
        StatusCode::UNAUTHORIZED | StatusCode::NOT_IMPLEMENTED => {
            tracing::warn!(%method, path, status, %request_id, %failure, "refused");
        }
        _ => tracing::info!(%method, path, status, %request_id, %failure, "refused"),
    }
}

#[cfg(test)]
mod garbage;
