//! Tests across crates.
//!
//! - `contract/`: what each typed call sends and what it makes of each answer, against a stub.
//! - `faults/`: what each typed call makes of a server that misbehaves.
//! - `scenarios/`: whole stories, written once and run against a target: the emulator, or a live resource when asked.
//!
//! What the folders share is here: how each operation is called with as little as it needs.

use std::time::Duration;

use acs_jobrouter::{
    ExceptionPolicyPatch, JobRouterClient, LongestIdleMode, NewClassificationPolicy,
    NewDistributionPolicy, NewJob, NewQueue, NewWorker, Pager, Result,
};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, TryStreamExt as _};

/// One call of an operation, and the exchange that it leads to, written out from the fact tables.
#[derive(Clone, Copy, Debug)]
pub struct OperationCall {
    /// The operation's id, such as `getJob`.
    pub operation: &'static str,
    /// The method of the request.
    pub method: &'static str,
    /// The path of the request.
    pub path: &'static str,
    /// The body of the request; empty for none.
    pub body: &'static str,
    /// The value of the request's `If-Match`.
    pub if_match: Option<&'static str>,
    /// The status of a success.
    pub status: u16,
    /// The body of a success; empty for none.
    pub answer: &'static str,
    /// Whether the request may be sent again when it is not known what became of it.
    pub is_repeatable: bool,
    /// Makes the call.
    pub call: Call,
}

/// Makes a call and forgets what it gives.
pub type Call = fn(JobRouterClient) -> BoxFuture<'static, Result<()>>;

const ENTITY: &str = r#"{"id":"a","etag":"\"1\""}"#;
const PAGE: &str = r#"{"value":[]}"#;
const POSITION: &str = r#"{"jobId":"a","position":1,"queueId":"q","queueLength":1}"#;
const STATISTICS: &str = r#"{"queueId":"a","length":0}"#;
const ACCEPTED: &str = r#"{"assignmentId":"x","jobId":"j","workerId":"a"}"#;
const UNASSIGNED: &str = r#"{"jobId":"a","unassignmentCount":1}"#;

/// One call of each operation, in the order of the fact table, then each upsert once more with a condition.
pub const CALLS: [OperationCall; 39] = [
    upsert("upsertDistributionPolicy", POLICY, DISTRIBUTION, |client| {
        done(
            client
                .admin()
                .upsert_distribution_policy("a", distribution()),
        )
    }),
    read("getDistributionPolicy", POLICY, ENTITY, |client| {
        done(client.admin().get_distribution_policy("a"))
    }),
    read("listDistributionPolicies", POLICIES, PAGE, |client| {
        all(client.admin().list_distribution_policies().into_stream())
    }),
    delete("deleteDistributionPolicy", POLICY, |client| {
        done(client.admin().delete_distribution_policy("a"))
    }),
    upsert(
        "upsertClassificationPolicy",
        CLASSIFICATION,
        "{}",
        |client| {
            done(
                client
                    .admin()
                    .upsert_classification_policy("a", NewClassificationPolicy::new()),
            )
        },
    ),
    read(
        "getClassificationPolicy",
        CLASSIFICATION,
        ENTITY,
        |client| done(client.admin().get_classification_policy("a")),
    ),
    read(
        "listClassificationPolicies",
        CLASSIFICATIONS,
        PAGE,
        |client| all(client.admin().list_classification_policies().into_stream()),
    ),
    delete("deleteClassificationPolicy", CLASSIFICATION, |client| {
        done(client.admin().delete_classification_policy("a"))
    }),
    upsert("upsertExceptionPolicy", EXCEPTION, "{}", |client| {
        done(
            client
                .admin()
                .upsert_exception_policy("a", ExceptionPolicyPatch::default()),
        )
    }),
    read("getExceptionPolicy", EXCEPTION, ENTITY, |client| {
        done(client.admin().get_exception_policy("a"))
    }),
    read("listExceptionPolicies", EXCEPTIONS, PAGE, |client| {
        all(client.admin().list_exception_policies().into_stream())
    }),
    delete("deleteExceptionPolicy", EXCEPTION, |client| {
        done(client.admin().delete_exception_policy("a"))
    }),
    upsert("upsertQueue", QUEUE, QUEUE_DRAFT, |client| {
        done(client.admin().upsert_queue("a", queue()))
    }),
    read("getQueue", QUEUE, ENTITY, |client| {
        done(client.admin().get_queue("a"))
    }),
    read("listQueues", "/routing/queues", PAGE, |client| {
        all(client.admin().list_queues().into_stream())
    }),
    delete("deleteQueue", QUEUE, |client| {
        done(client.admin().delete_queue("a"))
    }),
    upsert("upsertJob", JOB, JOB_DRAFT, |client| {
        done(client.upsert_job("a", job()))
    }),
    read("getJob", JOB, ENTITY, |client| done(client.get_job("a"))),
    delete("deleteJob", JOB, |client| done(client.delete_job("a"))),
    action(
        "reclassifyJob",
        "/routing/jobs/a:reclassify",
        "{}",
        |client| done(client.reclassify_job("a")),
    ),
    action("cancelJob", "/routing/jobs/a:cancel", "{}", |client| {
        done(client.cancel_job("a"))
    }),
    action(
        "completeJob",
        "/routing/jobs/a/assignments/x:complete",
        "{}",
        |client| done(client.complete_job("a", "x")),
    ),
    action(
        "closeJob",
        "/routing/jobs/a/assignments/x:close",
        "{}",
        |client| done(client.close_job("a", "x")),
    ),
    read("listJobs", "/routing/jobs", PAGE, |client| {
        all(client.list_jobs().into_stream())
    }),
    read(
        "getInQueuePosition",
        "/routing/jobs/a/position",
        POSITION,
        |client| done(client.get_queue_position("a")),
    ),
    action(
        "unassignJob",
        "/routing/jobs/a/assignments/x:unassign",
        UNASSIGNED,
        |client| done(client.unassign_job("a", "x")),
    ),
    action(
        "acceptJobOffer",
        "/routing/workers/a/offers/o:accept",
        ACCEPTED,
        |client| done(client.accept_offer("a", "o")),
    ),
    action(
        "declineJobOffer",
        "/routing/workers/a/offers/o:decline",
        "{}",
        |client| done(client.decline_offer("a", "o")),
    ),
    read(
        "getQueueStatistics",
        "/routing/queues/a/statistics",
        STATISTICS,
        |client| done(client.get_queue_statistics("a")),
    ),
    upsert("upsertWorker", WORKER, WORKER_DRAFT, |client| {
        done(client.upsert_worker("a", worker()))
    }),
    read("getWorker", WORKER, ENTITY, |client| {
        done(client.get_worker("a"))
    }),
    delete("deleteWorker", WORKER, |client| {
        done(client.delete_worker("a"))
    }),
    read("listWorkers", "/routing/workers", PAGE, |client| {
        all(client.list_workers().into_stream())
    }),
    conditional("upsertDistributionPolicy", POLICY, DISTRIBUTION, |client| {
        done(
            client
                .admin()
                .upsert_distribution_policy("a", distribution())
                .if_match(ETAG),
        )
    }),
    conditional(
        "upsertClassificationPolicy",
        CLASSIFICATION,
        "{}",
        |client| {
            let draft = NewClassificationPolicy::new();
            done(
                client
                    .admin()
                    .upsert_classification_policy("a", draft)
                    .if_match(ETAG),
            )
        },
    ),
    conditional("upsertExceptionPolicy", EXCEPTION, "{}", |client| {
        let patch = ExceptionPolicyPatch::default();
        done(
            client
                .admin()
                .upsert_exception_policy("a", patch)
                .if_match(ETAG),
        )
    }),
    conditional("upsertQueue", QUEUE, QUEUE_DRAFT, |client| {
        done(client.admin().upsert_queue("a", queue()).if_match(ETAG))
    }),
    conditional("upsertJob", JOB, JOB_DRAFT, |client| {
        done(client.upsert_job("a", job()).if_match(ETAG))
    }),
    conditional("upsertWorker", WORKER, WORKER_DRAFT, |client| {
        done(client.upsert_worker("a", worker()).if_match(ETAG))
    }),
];

const POLICY: &str = "/routing/distributionPolicies/a";
const POLICIES: &str = "/routing/distributionPolicies";
const CLASSIFICATION: &str = "/routing/classificationPolicies/a";
const CLASSIFICATIONS: &str = "/routing/classificationPolicies";
const EXCEPTION: &str = "/routing/exceptionPolicies/a";
const EXCEPTIONS: &str = "/routing/exceptionPolicies";
const QUEUE: &str = "/routing/queues/a";
const JOB: &str = "/routing/jobs/a";
const WORKER: &str = "/routing/workers/a";

const ETAG: &str = "\"1\"";

const DISTRIBUTION: &str = r#"{"offerExpiresAfterSeconds":30.0,"mode":{"kind":"longestIdle"}}"#;
const QUEUE_DRAFT: &str = r#"{"distributionPolicyId":"p"}"#;
const JOB_DRAFT: &str = r#"{"channelId":"voice","queueId":"q"}"#;
const WORKER_DRAFT: &str = r#"{"capacity":1}"#;

fn distribution() -> NewDistributionPolicy {
    NewDistributionPolicy::new(Duration::from_secs(30), LongestIdleMode::new())
}

fn queue() -> NewQueue {
    NewQueue::with_distribution_policy("p")
}

fn job() -> NewJob {
    NewJob::in_queue("voice", "q")
}

fn worker() -> NewWorker {
    NewWorker::with_capacity(1)
}

const fn read(
    operation: &'static str,
    path: &'static str,
    answer: &'static str,
    call: Call,
) -> OperationCall {
    OperationCall {
        operation,
        method: "GET",
        path,
        body: "",
        if_match: None,
        status: 200,
        answer,
        is_repeatable: true,
        call,
    }
}

const fn delete(operation: &'static str, path: &'static str, call: Call) -> OperationCall {
    OperationCall {
        method: "DELETE",
        status: 204,
        ..read(operation, path, "", call)
    }
}

const fn upsert(
    operation: &'static str,
    path: &'static str,
    body: &'static str,
    call: Call,
) -> OperationCall {
    OperationCall {
        method: "PATCH",
        body,
        ..read(operation, path, ENTITY, call)
    }
}

const fn conditional(
    operation: &'static str,
    path: &'static str,
    body: &'static str,
    call: Call,
) -> OperationCall {
    OperationCall {
        if_match: Some(ETAG),
        is_repeatable: false,
        ..upsert(operation, path, body, call)
    }
}

const fn action(
    operation: &'static str,
    path: &'static str,
    answer: &'static str,
    call: Call,
) -> OperationCall {
    OperationCall {
        method: "POST",
        is_repeatable: false,
        ..read(operation, path, answer, call)
    }
}

fn done<T>(
    call: impl IntoFuture<Output = Result<T>, IntoFuture: Send + 'static>,
) -> BoxFuture<'static, Result<()>> {
    call.into_future().map(|result| result.map(drop)).boxed()
}

fn all<T: Send + 'static>(list: Pager<T>) -> BoxFuture<'static, Result<()>> {
    list.try_for_each(|_| async { Ok(()) }).boxed()
}
