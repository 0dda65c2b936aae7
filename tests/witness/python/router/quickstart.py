"""The steps of the package's README, in both of its editions, with the slips of its text corrected.

The README asks for a skill equal to 10 and registers 11, which never matches; its text says "greater than". It reads
`job_status` where the model has `status`, and closes a job that is closed already.

Rules R49, R58, R66, R77, R84, R85 and R136; closing twice is O9.
"""

from datetime import timedelta

from azure.communication.jobrouter.models import (
    CloseJobOptions,
    CompleteJobOptions,
    DistributionPolicy,
    LabelOperator,
    LongestIdleMode,
    RouterChannel,
    RouterJob,
    RouterJobStatus,
    RouterQueue,
    RouterWorker,
    RouterWorkerSelector,
)

from witness import eventually, expect, expect_members, play

DAY = 24 * 60 * 60


def a_distribution_policy(stage):
    mode = LongestIdleMode(min_concurrent_offers=1, max_concurrent_offers=1)
    policy = DistributionPolicy(offer_expires_after_seconds=DAY, mode=mode)
    policy = stage.admin.upsert_distribution_policy("distribution-policy-1", policy)
    expect_members("policy", policy, id="distribution-policy-1", offer_expires_after_seconds=DAY)


def a_queue(stage):
    queue = RouterQueue(distribution_policy_id="distribution-policy-1")
    queue = stage.admin.upsert_queue("queue-1", queue)
    expect_members("queue", queue, id="queue-1", distribution_policy_id="distribution-policy-1")


def a_job_with_a_selector(stage):
    job = RouterJob(
        channel_id="my-channel",
        queue_id="queue-1",
        channel_reference="12345",
        priority=1,
        requested_worker_selectors=[
            RouterWorkerSelector(key="Some-Skill", label_operator=LabelOperator.GREATER_THAN, value=10)
        ],
    )
    job = stage.router.upsert_job("jobId-1", job)
    expect_members("job", job, id="jobId-1", status="created", channel_reference="12345")
    expect("status", stage.router.get_job("jobId-1").status, RouterJobStatus.QUEUED)


def a_worker_with_the_skill(stage):
    worker = RouterWorker(
        capacity=1,
        queues=["queue-1"],
        labels={"Some-Skill": 11},
        channels=[RouterChannel(channel_id="my-channel", capacity_cost_per_job=1)],
        available_for_offers=True,
    )
    worker = stage.router.upsert_worker("worker-1", worker)
    expect_members("worker", worker, id="worker-1", state="active", capacity=1)


def the_offer_arrives_as_an_event(stage):
    data = stage.event("RouterWorkerOfferIssued", "worker/worker-1/job/jobId-1")
    expect("jobId", data["jobId"], "jobId-1")
    stage.offer_id = data["offerId"]


def the_offer_stands_at_the_worker(stage):
    worker = stage.router.get_worker(worker_id="worker-1")
    offers = [offer.offer_id for offer in worker.offers if offer.job_id == "jobId-1"]
    expect("offers", offers, [stage.offer_id])


def accepting_it_assigns_the_job(stage):
    result = stage.router.accept_job_offer(worker_id="worker-1", offer_id=stage.offer_id)
    stage.assignment_id = result.assignment_id
    job = stage.router.get_job(job_id="jobId-1")
    # The member that the README writes: the enumeration takes any letter case.
    expect("status", job.status, RouterJobStatus.Assigned)
    expect("assignments", list(job.assignments), [result.assignment_id])


def completing_it(stage):
    options = CompleteJobOptions(note="Job has been completed by worker-1")
    stage.router.complete_job("jobId-1", stage.assignment_id, options)
    expect("status", stage.router.get_job("jobId-1").status, "completed")


def closing_it_frees_the_worker(stage):
    options = CloseJobOptions(note="Job has been closed by worker-1")
    stage.router.close_job("jobId-1", stage.assignment_id, options)
    job = stage.router.get_job("jobId-1")
    expect("status", job.status, RouterJobStatus.CLOSED)
    notes = ["Job has been completed by worker-1", "Job has been closed by worker-1"]
    expect("notes", [note.message for note in job.notes], notes)
    expect("load ratio", stage.router.get_worker("worker-1").load_ratio, 0)


def closing_it_again_as_the_readme_does_changes_nothing(stage):
    before = stage.router.get_job("jobId-1").etag
    options = CloseJobOptions(close_at=stage.now() + timedelta(seconds=2))
    stage.router.close_job("jobId-1", stage.assignment_id, options)
    expect("etag", stage.router.get_job("jobId-1").etag, before)


def closing_another_job_two_seconds_later(stage):
    stage.router.upsert_job("jobId-2", channel_id="my-channel", queue_id="queue-1")
    assignment = stage.accept("worker-1", "jobId-2")
    stage.router.complete_job("jobId-2", assignment)
    options = CloseJobOptions(note="in a moment", close_at=stage.now() + timedelta(seconds=2))
    stage.router.close_job("jobId-2", assignment, options)
    expect("status", stage.router.get_job("jobId-2").status, "completed")
    # By the computer's own time, as the README waits.
    eventually("status", lambda: stage.router.get_job("jobId-2").status, "closed")


def the_same_with_keywords_as_the_older_readme_writes_it(stage):
    mode = LongestIdleMode(min_concurrent_offers=1, max_concurrent_offers=1)
    stage.admin.upsert_distribution_policy("policy-2", offer_expires_after_seconds=DAY, mode=mode)
    stage.admin.upsert_queue("queue-2", distribution_policy_id="policy-2")
    selector = RouterWorkerSelector(key="Some-Skill", label_operator="greaterThan", value=10)
    stage.router.upsert_job(
        "jobId-3",
        channel_id="my-channel",
        queue_id="queue-2",
        channel_reference="12345",
        priority=1,
        requested_worker_selectors=[selector],
    )
    stage.router.upsert_worker(
        "worker-2",
        capacity=1,
        queues=["queue-2"],
        labels={"Some-Skill": 11},
        channels=[RouterChannel(channel_id="my-channel", capacity_cost_per_job=1)],
        available_for_offers=True,
    )
    assignment = stage.accept("worker-2", "jobId-3")
    stage.router.complete_job("jobId-3", assignment, {"note": "done"})
    stage.router.close_job("jobId-3", assignment, {"note": "gone"})
    job = stage.router.get_job("jobId-3")
    expect_members("job", job, status="closed", disposition_code="Closed")
    expect("notes", [note.message for note in job.notes], ["done", "gone"])


def a_skill_that_only_equals_would_not_have_matched(stage):
    equal = RouterWorkerSelector(key="Some-Skill", label_operator=LabelOperator.EQUAL, value=10)
    stage.router.upsert_job(
        "jobId-4", channel_id="my-channel", queue_id="queue-2", requested_worker_selectors=[equal]
    )
    expect("offers", stage.offers("worker-2"), [])


play(
    __file__,
    [
        a_distribution_policy,
        a_queue,
        a_job_with_a_selector,
        a_worker_with_the_skill,
        the_offer_arrives_as_an_event,
        the_offer_stands_at_the_worker,
        accepting_it_assigns_the_job,
        completing_it,
        closing_it_frees_the_worker,
        closing_it_again_as_the_readme_does_changes_nothing,
        closing_another_job_two_seconds_later,
        the_same_with_keywords_as_the_older_readme_writes_it,
        a_skill_that_only_equals_would_not_have_matched,
    ],
)
