//! The calls of the job router.

use std::time::Duration;

use acs_jobrouter::{
    ExceptionPolicyPatch, LongestIdleMode, NewClassificationPolicy, NewDistributionPolicy, NewJob,
    NewQueue, NewWorker,
};

use crate::{Call, OperationCall, action, all, delete, done, read};

const ENTITY: &str = r#"{"id":"a","etag":"\"1\""}"#;
const PAGE: &str = r#"{"value":[]}"#;
const POSITION: &str = r#"{"jobId":"a","position":1,"queueId":"q","queueLength":1}"#;
const STATISTICS: &str = r#"{"queueId":"a","length":0}"#;
const ACCEPTED: &str = r#"{"assignmentId":"x","jobId":"j","workerId":"a"}"#;
const UNASSIGNED: &str = r#"{"jobId":"a","unassignmentCount":1}"#;

/// One call of each operation, in the order of the fact table, then each upsert once more with a condition.
pub(crate) const CALLS: [OperationCall; 39] = [
    upsert("upsertDistributionPolicy", POLICY, DISTRIBUTION, |client| {
        done(
            client
                .router
                .admin()
                .upsert_distribution_policy("a", distribution()),
        )
    }),
    read("getDistributionPolicy", POLICY, ENTITY, |client| {
        done(client.router.admin().get_distribution_policy("a"))
    }),
    read("listDistributionPolicies", POLICIES, PAGE, |client| {
        all(client
            .router
            .admin()
            .list_distribution_policies()
            .into_stream())
    }),
    delete("deleteDistributionPolicy", POLICY, |client| {
        done(client.router.admin().delete_distribution_policy("a"))
    }),
    upsert(
        "upsertClassificationPolicy",
        CLASSIFICATION,
        "{}",
        |client| {
            done(
                client
                    .router
                    .admin()
                    .upsert_classification_policy("a", NewClassificationPolicy::new()),
            )
        },
    ),
    read(
        "getClassificationPolicy",
        CLASSIFICATION,
        ENTITY,
        |client| done(client.router.admin().get_classification_policy("a")),
    ),
    read(
        "listClassificationPolicies",
        CLASSIFICATIONS,
        PAGE,
        |client| {
            all(client
                .router
                .admin()
                .list_classification_policies()
                .into_stream())
        },
    ),
    delete("deleteClassificationPolicy", CLASSIFICATION, |client| {
        done(client.router.admin().delete_classification_policy("a"))
    }),
    upsert("upsertExceptionPolicy", EXCEPTION, "{}", |client| {
        done(
            client
                .router
                .admin()
                .upsert_exception_policy("a", ExceptionPolicyPatch::default()),
        )
    }),
    read("getExceptionPolicy", EXCEPTION, ENTITY, |client| {
        done(client.router.admin().get_exception_policy("a"))
    }),
    read("listExceptionPolicies", EXCEPTIONS, PAGE, |client| {
        all(client
            .router
            .admin()
            .list_exception_policies()
            .into_stream())
    }),
    delete("deleteExceptionPolicy", EXCEPTION, |client| {
        done(client.router.admin().delete_exception_policy("a"))
    }),
    upsert("upsertQueue", QUEUE, QUEUE_DRAFT, |client| {
        done(client.router.admin().upsert_queue("a", queue()))
    }),
    read("getQueue", QUEUE, ENTITY, |client| {
        done(client.router.admin().get_queue("a"))
    }),
    read("listQueues", "/routing/queues", PAGE, |client| {
        all(client.router.admin().list_queues().into_stream())
    }),
    delete("deleteQueue", QUEUE, |client| {
        done(client.router.admin().delete_queue("a"))
    }),
    upsert("upsertJob", JOB, JOB_DRAFT, |client| {
        done(client.router.upsert_job("a", job()))
    }),
    read("getJob", JOB, ENTITY, |client| {
        done(client.router.get_job("a"))
    }),
    delete("deleteJob", JOB, |client| {
        done(client.router.delete_job("a"))
    }),
    action(
        "reclassifyJob",
        "/routing/jobs/a:reclassify",
        "{}",
        |client| done(client.router.reclassify_job("a")),
    ),
    action("cancelJob", "/routing/jobs/a:cancel", "{}", |client| {
        done(client.router.cancel_job("a"))
    }),
    action(
        "completeJob",
        "/routing/jobs/a/assignments/x:complete",
        "{}",
        |client| done(client.router.complete_job("a", "x")),
    ),
    action(
        "closeJob",
        "/routing/jobs/a/assignments/x:close",
        "{}",
        |client| done(client.router.close_job("a", "x")),
    ),
    read("listJobs", "/routing/jobs", PAGE, |client| {
        all(client.router.list_jobs().into_stream())
    }),
    read(
        "getInQueuePosition",
        "/routing/jobs/a/position",
        POSITION,
        |client| done(client.router.get_queue_position("a")),
    ),
    action(
        "unassignJob",
        "/routing/jobs/a/assignments/x:unassign",
        UNASSIGNED,
        |client| done(client.router.unassign_job("a", "x")),
    ),
    action(
        "acceptJobOffer",
        "/routing/workers/a/offers/o:accept",
        ACCEPTED,
        |client| done(client.router.accept_offer("a", "o")),
    ),
    action(
        "declineJobOffer",
        "/routing/workers/a/offers/o:decline",
        "{}",
        |client| done(client.router.decline_offer("a", "o")),
    ),
    read(
        "getQueueStatistics",
        "/routing/queues/a/statistics",
        STATISTICS,
        |client| done(client.router.get_queue_statistics("a")),
    ),
    upsert("upsertWorker", WORKER, WORKER_DRAFT, |client| {
        done(client.router.upsert_worker("a", worker()))
    }),
    read("getWorker", WORKER, ENTITY, |client| {
        done(client.router.get_worker("a"))
    }),
    delete("deleteWorker", WORKER, |client| {
        done(client.router.delete_worker("a"))
    }),
    read("listWorkers", "/routing/workers", PAGE, |client| {
        all(client.router.list_workers().into_stream())
    }),
    conditional("upsertDistributionPolicy", POLICY, DISTRIBUTION, |client| {
        done(
            client
                .router
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
                    .router
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
                .router
                .admin()
                .upsert_exception_policy("a", patch)
                .if_match(ETAG),
        )
    }),
    conditional("upsertQueue", QUEUE, QUEUE_DRAFT, |client| {
        done(
            client
                .router
                .admin()
                .upsert_queue("a", queue())
                .if_match(ETAG),
        )
    }),
    conditional("upsertJob", JOB, JOB_DRAFT, |client| {
        done(client.router.upsert_job("a", job()).if_match(ETAG))
    }),
    conditional("upsertWorker", WORKER, WORKER_DRAFT, |client| {
        done(client.router.upsert_worker("a", worker()).if_match(ETAG))
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
