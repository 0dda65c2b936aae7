"""What can become of an offer and of an assignment.

Rules R43 to R46, R76 to R88, O7, O15 and O18.
"""

from datetime import timedelta

from azure.communication.jobrouter.models import (
    CancelJobOptions,
    CloseJobOptions,
    DeclineJobOfferOptions,
    DistributionPolicy,
    LongestIdleMode,
    QueueAndMatchMode,
    RouterChannel,
    UnassignJobOptions,
)
from azure.core.exceptions import ResourceNotFoundError

from witness import expect, expect_members, play, refused


def register(stage, worker, queue="queue", capacity=1, cost=1, **options):
    channel = RouterChannel(channel_id="voice", capacity_cost_per_job=cost, **options)
    return stage.router.upsert_worker(
        worker, capacity=capacity, queues=[queue], channels=[channel], available_for_offers=True
    )


def deregister(stage, worker):
    return stage.router.upsert_worker(worker, available_for_offers=False)


def offer(stage, worker, job):
    offers = stage.router.get_worker(worker).offers
    return next(offer for offer in offers if offer.job_id == job)


def a_queue_whose_offers_stand_a_minute(stage):
    policy = DistributionPolicy(offer_expires_after_seconds=60, mode=LongestIdleMode())
    stage.admin.upsert_distribution_policy("policy", policy)
    stage.queue("queue")


def an_offer_tells_cost_and_times_and_takes_capacity(stage):
    register(stage, "w", capacity=4, cost=2)
    stage.job("j1")
    worker = stage.router.get_worker("w")
    expect("load ratio", worker.load_ratio, 0.5)
    expect_members("offer", worker.offers[0], job_id="j1", capacity_cost=2)
    lifetime = worker.offers[0].expires_at - worker.offers[0].offered_at
    expect("lifetime", lifetime, timedelta(seconds=60))
    stage.job("j2")
    stage.job("j3")
    # The newest offer comes first, and there is room for two.
    offers = [offer.job_id for offer in stage.router.get_worker("w").offers]
    expect("offers", offers, ["j2", "j1"])


def an_assignment_holds_capacity_until_it_is_closed(stage):
    assignment = stage.accept("w", "j1")
    worker = stage.router.get_worker("w")
    expect_members(
        "assignment", worker.assigned_jobs[0], assignment_id=assignment, job_id="j1", capacity_cost=2
    )
    stage.router.complete_job("j1", assignment)
    expect("offers", stage.offers("w"), ["j2"])
    stage.router.close_job("j1", assignment, CloseJobOptions(disposition_code="Sold"))
    expect("offers", stage.offers("w"), ["j2", "j3"])
    job = stage.router.get_job("j1")
    expect_members("job", job, status="closed", disposition_code="Sold")
    record = job.assignments[assignment]
    expect("worker", record.worker_id, "w")
    if not record.assigned_at <= record.completed_at <= record.closed_at:
        expect("times", "out of order", "in order")
    data = stage.event("RouterJobClosed", "job/j1")
    expect("dispositionCode", data["dispositionCode"], "Sold")


def cancelling_a_job_takes_its_offers_back(stage):
    options = CancelJobOptions(note="changed my mind", disposition_code="Gone")
    stage.router.cancel_job("j2", options)
    job = stage.router.get_job("j2")
    expect_members("job", job, status="cancelled", disposition_code="Gone")
    expect("notes", [note.message for note in job.notes], ["changed my mind"])
    expect("offers", stage.offers("w"), ["j3"])
    stage.event("RouterJobCancelled", "job/j2")
    stage.event("RouterWorkerOfferRevoked", "worker/w/job/j2")
    stage.router.cancel_job("j3")
    expect("code", stage.router.get_job("j3").disposition_code, "Cancelled")
    deregister(stage, "w")


def a_declined_offer_goes_to_the_next_and_not_back(stage):
    for worker in ("a", "b"):
        register(stage, worker)
        stage.pass_time(1)
    stage.job("declined")
    declined = offer(stage, "a", "declined")
    stage.router.decline_job_offer("a", declined.offer_id)
    expect("offers", [stage.offers("a"), stage.offers("b")], [[], ["declined"]])
    refused(
        404,
        lambda: stage.router.accept_job_offer("a", declined.offer_id),
        ResourceNotFoundError,
    )
    stage.event("RouterWorkerOfferDeclined", "worker/a/job/declined")
    stage.router.decline_job_offer("b", offer(stage, "b", "declined").offer_id)
    expect("offers", [stage.offers("a"), stage.offers("b")], [[], []])
    # Registering anew makes a worker eligible again.
    deregister(stage, "a")
    register(stage, "a")
    expect("offers", stage.offers("a"), ["declined"])
    stage.router.cancel_job("declined")
    deregister(stage, "b")


def a_declined_offer_comes_back_at_its_time(stage):
    stage.job("later")
    options = DeclineJobOfferOptions(retry_offer_at=stage.now() + timedelta(seconds=30))
    stage.router.decline_job_offer("a", offer(stage, "a", "later").offer_id, options)
    expect("offers", stage.offers("a"), [])
    stage.pass_time(31)
    expect("offers", stage.offers("a"), ["later"])


def an_offer_that_expires_takes_its_worker_out(stage):
    stage.pass_time(61)
    worker = stage.router.get_worker("a")
    expect_members("worker", worker, state="inactive", available_for_offers=False, offers=[])
    stage.event("RouterWorkerOfferExpired", "worker/a/job/later")
    stage.event("RouterWorkerDeregistered", "worker/a")
    expect("status", stage.router.get_job("later").status, "queued")


def deregistering_takes_offers_back_and_drains_assignments(stage):
    register(stage, "a", capacity=2)
    assignment = stage.accept("a", "later")
    stage.job("next")
    expect("offers", stage.offers("a"), ["next"])
    worker = deregister(stage, "a")
    expect_members("worker", worker, state="draining", offers=[])
    stage.event("RouterWorkerOfferRevoked", "worker/a/job/next")
    stage.finish("later", assignment)
    expect("state", stage.router.get_worker("a").state, "inactive")
    stage.router.cancel_job("next")


def an_unassigned_job_is_offered_again(stage):
    register(stage, "a")
    stage.job("back")
    enqueued = stage.router.get_job("back").enqueued_at
    for count in (1, 2):
        result = stage.router.unassign_job("back", stage.accept("a", "back"))
        expect_members("result", result, job_id="back", unassignment_count=count)
    job = stage.router.get_job("back")
    expect_members("job", job, status="queued", enqueued_at=enqueued, assignments={})
    expect("offers", stage.offers("a"), ["back"])


def an_unassigned_job_can_wait_to_be_matched(stage):
    assignment = stage.accept("a", "back")
    options = UnassignJobOptions(suspend_matching=True)
    stage.router.unassign_job("back", assignment, options)
    expect("status", stage.router.get_job("back").status, "waitingForActivation")
    expect("offers", stage.offers("a"), [])
    stage.router.upsert_job("back", matching_mode=QueueAndMatchMode())
    expect("offers", stage.offers("a"), ["back"])


def a_job_closes_later_by_itself(stage):
    assignment = stage.accept("a", "back")
    stage.router.complete_job("back", assignment)
    options = CloseJobOptions(close_at=stage.now() + timedelta(minutes=5), note="later")
    stage.router.close_job("back", assignment, options)
    expect("status", stage.router.get_job("back").status, "completed")
    expect("load ratio", stage.router.get_worker("a").load_ratio, 1)
    ended = stage.clock("/run", untilEvent="RouterJobClosed", subject="job/back", withinSeconds=600)
    expect("assignmentId", ended["event"]["data"]["assignmentId"], assignment)
    expect_members("job", stage.router.get_job("back"), status="closed", disposition_code="Closed")
    expect("load ratio", stage.router.get_worker("a").load_ratio, 0)
    deregister(stage, "a")


def a_channel_takes_no_more_than_its_number_of_jobs(stage):
    register(stage, "few", capacity=100, max_number_of_jobs=2)
    for number in range(3):
        stage.job(f"few-{number}")
    expect("offers", stage.offers("few"), ["few-0", "few-1"])
    for number in range(3):
        stage.router.cancel_job(f"few-{number}")
    deregister(stage, "few")


def leaving_a_queue_takes_the_offer_back(stage):
    stage.queue("other")
    register(stage, "moving")
    stage.job("left")
    stage.router.upsert_worker("moving", queues=["other"])
    expect("offers", stage.offers("moving"), [])
    stage.router.upsert_job("left", queue_id="other")
    expect("offers", stage.offers("moving"), ["left"])
    stage.router.delete_worker("moving")
    expect("status", stage.router.get_job("left").status, "queued")
    stage.event("RouterWorkerDeleted", "worker/moving")


play(
    __file__,
    [
        a_queue_whose_offers_stand_a_minute,
        an_offer_tells_cost_and_times_and_takes_capacity,
        an_assignment_holds_capacity_until_it_is_closed,
        cancelling_a_job_takes_its_offers_back,
        a_declined_offer_goes_to_the_next_and_not_back,
        a_declined_offer_comes_back_at_its_time,
        an_offer_that_expires_takes_its_worker_out,
        deregistering_takes_offers_back_and_drains_assignments,
        an_unassigned_job_is_offered_again,
        an_unassigned_job_can_wait_to_be_matched,
        a_job_closes_later_by_itself,
        a_channel_takes_no_more_than_its_number_of_jobs,
        leaving_a_queue_takes_the_offer_back,
    ],
)
