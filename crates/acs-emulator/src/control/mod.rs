//! The emulator's own routes, under `/_emulator`: what a developer asks of the emulator and not of the service.
//!
//! They need no signature and no api-version: they are for the machine the emulator runs on, like the emulator itself,
//! which listens on loopback unless told otherwise. Bodies are bounded as everywhere.
//!
//! A route is one row of [`ROUTES`] and a handler in a file of this folder. A handler may wait, so it gives a future;
//! ids of its path, query and body are in its [`Call`].

mod clock;
mod explain;
mod index;
mod subscriptions;

use std::pin::Pin;
use std::sync::Arc;

use acs_types::Operation;
use axum::http::request::Parts;
use bytes::Bytes;

use crate::gate::Principal;
use crate::routes::{Match, Routes};
use crate::shell::Shell;
use crate::wire::{Call, Failure, Members, Query, Reply, origin};

/// What stands before the path of every route here.
const PREFIX: &str = "/_emulator";

/// What a route's handler gives: the reply, when it is ready.
type Answering<'c> = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send + 'c>>;

/// A route: how it is addressed, what it does in a few words, and what carries it out.
#[derive(Clone, Copy)]
struct Route {
    operation: Operation,
    about: &'static str,
    handler: for<'c> fn(&'c Arc<Shell>, &'c Call<'c>) -> Answering<'c>,
}

static ROUTES: &[Route] = &[
    Route {
        operation: operation("listRoutes", "GET", "/_emulator"),
        about: "lists these routes",
        handler: index::list,
    },
    Route {
        operation: operation("showClock", "GET", "/_emulator/clock"),
        about: "tells time, pace and next deadline of the routing clock",
        handler: clock::show,
    },
    Route {
        operation: operation("pauseClock", "POST", "/_emulator/clock/pause"),
        about: "lets the routing clock stand still",
        handler: clock::pause,
    },
    Route {
        operation: operation("resumeClock", "POST", "/_emulator/clock/resume"),
        about: "lets the routing clock go on at the pace of real time",
        handler: clock::resume,
    },
    Route {
        operation: operation("stepClock", "POST", "/_emulator/clock/step"),
        about: "moves the routing clock by `seconds`",
        handler: clock::step,
    },
    Route {
        operation: operation("setClock", "POST", "/_emulator/clock/set"),
        about: "moves the routing clock forward to the instant `to`",
        handler: clock::set,
    },
    Route {
        operation: operation("jumpClock", "POST", "/_emulator/clock/jump"),
        about: "moves the routing clock to the next deadline",
        handler: clock::jump,
    },
    Route {
        operation: operation("runClock", "POST", "/_emulator/clock/run"),
        about: "moves the routing clock until `untilEvent`, perhaps about `subject`, at most by `withinSeconds`",
        handler: clock::run,
    },
    Route {
        operation: operation(
            "explainClassification",
            "POST",
            "/_emulator/explain/classification",
        ),
        about: "tries a classification policy, stored (`policyId`) or given (`policy`), on `labels` of a job",
        handler: explain::classification,
    },
    Route {
        operation: operation("explainExpression", "POST", "/_emulator/explain/expression"),
        about: "tries an `expression` on `labels` such as `{\"job\": {}, \"worker\": {}}`",
        handler: explain::expression,
    },
    Route {
        operation: operation("explainJob", "GET", "/_emulator/explain/jobs/{jobId}"),
        about: "says why the workers of a job's queue are or are not offered it, perhaps `workerId` alone",
        handler: explain::job,
    },
    Route {
        operation: operation(
            "explainWorker",
            "GET",
            "/_emulator/explain/workers/{workerId}",
        ),
        about: "says why a worker is or is not offered the jobs of its queues",
        handler: explain::worker,
    },
    Route {
        operation: operation("listSubscriptions", "GET", "/_emulator/subscriptions"),
        about: "tells who gets events, whether they agreed, and which events they have not taken yet",
        handler: subscriptions::list,
    },
    Route {
        operation: operation(
            "validateSubscription",
            "GET",
            "/_emulator/subscriptions/{name}/validate",
        ),
        about: "ends a handshake by its `code`: the `validationUrl` that endpoints get",
        handler: subscriptions::validate,
    },
    Route {
        operation: operation(
            "repeatHandshake",
            "POST",
            "/_emulator/subscriptions/{name}/handshake",
        ),
        about: "asks an endpoint again that has refused the handshake",
        handler: subscriptions::handshake,
    },
];

/// An operation that the service does not have. Its body, if it takes one, may be left out.
const fn operation(id: &'static str, method: &'static str, path: &'static str) -> Operation {
    Operation {
        id,
        method,
        path,
        success: &[200],
        merge_patch: false,
        optional_body: true,
        conditional: false,
        paged: false,
        since: "",
    }
}

/// The members of a body that may have these and no others; a misspelt one would be left out unseen.
fn members(call: &Call<'_>, known: &[&str]) -> Result<Members, Failure> {
    let object = call.object()?;
    let is_known = |name: &&String| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    if let Some(unknown) = object.keys().find(|name| !is_known(name)) {
        let known = if known.is_empty() {
            "none is taken here".to_owned()
        } else {
            format!("it may have `{}`", known.join("`, `"))
        };
        return Err(Failure::invalid_body(format!(
            "has an unknown member `{unknown}`; {known}"
        )));
    }
    Ok(Members::new(object))
}

fn missing(name: &str) -> Failure {
    Failure::invalid_body(format!("must have `{name}`"))
}

/// Whether the path is one of the emulator's own and none of the service's.
pub(crate) fn is_addressed(path: &str) -> bool {
    let behind = path.strip_prefix(PREFIX);
    behind.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Finds and carries out what a request to one of these routes asks for.
#[derive(Debug)]
pub(crate) struct Control {
    routes: Routes,
}

impl Control {
    pub(crate) fn new() -> Self {
        Self {
            routes: Routes::new(ROUTES.iter().map(|route| &route.operation)),
        }
    }

    pub(crate) async fn answer(
        &self,
        shell: &Arc<Shell>,
        head: &Parts,
        body: Bytes,
    ) -> Result<Reply, Failure> {
        let Match { operation, ids } = self.routes.addressed(head)?;
        let mut routes = ROUTES.iter();
        let route = routes.find(|route| route.operation.id == operation.id);
        let handler = route.map(|route| route.handler).ok_or_else(|| {
            Failure::internal(format!("no row of the routes has `{}`", operation.id))
        })?;
        let call = Call {
            operation,
            ids,
            query: Query::parse(head.uri.query().unwrap_or_default()),
            headers: &head.headers,
            body,
            origin: origin(head),
            principal: Principal::Anybody,
        };
        handler(shell, &call).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_a_whole_segment() {
        assert!(is_addressed("/_emulator"));
        assert!(is_addressed("/_emulator/clock"));
        assert!(!is_addressed("/_emulators"));
        assert!(!is_addressed("/routing/jobs/_emulator"));
    }

    #[test]
    fn every_route_has_its_own_id_and_the_prefix() {
        let mut ids: Vec<_> = ROUTES.iter().map(|route| route.operation.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ROUTES.len());
        assert!(
            ROUTES
                .iter()
                .all(|route| is_addressed(route.operation.path))
        );
    }
}
