"""Jobs that are not matched at once: scheduled ones, suspended ones, and how they are set going.

Rules R51 to R53, R110, R119, R121 and R122.
"""

from datetime import timedelta

from azure.communication.jobrouter.models import (
    DistributionPolicy,
    LongestIdleMode,
    QueueAndMatchMode,
    RouterChannel,
    ScheduleAndSuspendMode,
    SuspendMode,
)

from witness import eventually, expect, expect_members, play


def a_queue_with_a_worker(stage):
    policy = DistributionPolicy(offer_expires_after_seconds=3600, mode=LongestIdleMode())
    stage.admin.upsert_distribution_policy("policy", policy)
    stage.queue("queue")
    stage.router.upsert_worker(
        "worker",
        capacity=10,
        queues=["queue"],
        channels=[RouterChannel(channel_id="voice", capacity_cost_per_job=1)],
        available_for_offers=True,
    )


def a_scheduled_job_waits_for_its_time(stage):
    stage.at = stage.now() + timedelta(minutes=5)
    job = stage.job("later", matching_mode=ScheduleAndSuspendMode(schedule_at=stage.at))
    expect_members("job", job, status="pendingSchedule", scheduled_at=None, enqueued_at=None)
    job = stage.router.get_job("later")
    expect_members("job", job, status="scheduled", scheduled_at=None)
    expect_members("mode", job.matching_mode, kind="scheduleAndSuspend", schedule_at=stage.at)
    data = stage.event("RouterJobReceived", "job/later")
    expect("scheduledOn", data["scheduledOn"] is not None, True)


def at_its_time_it_waits_to_be_activated(stage):
    stage.clock("/set", to=stage.at.isoformat())
    job = stage.router.get_job("later")
    expect_members("job", job, status="waitingForActivation", scheduled_at=stage.at)
    stage.event("RouterJobWaitingForActivation", "job/later")
    expect("offers", stage.offers("worker"), [])


def activating_it_queues_and_offers_it(stage):
    job = stage.router.upsert_job("later", matching_mode=QueueAndMatchMode())
    expect_members("job", job, status="queued", scheduled_at=stage.at)
    expect("enqueued", job.enqueued_at is not None, True)
    expect("offers", stage.offers("worker"), ["later"])
    stage.event("RouterJobQueued", "job/later")


def a_schedule_in_real_time_arrives_by_itself(stage):
    at = stage.now() + timedelta(seconds=2)
    stage.job("soon", matching_mode=ScheduleAndSuspendMode(schedule_at=at))
    eventually("status", lambda: stage.router.get_job("soon").status, "waitingForActivation")


def a_suspended_job_waits_from_the_start(stage):
    job = stage.job("held", matching_mode=SuspendMode())
    expect_members("job", job, status="waitingForActivation")
    expect("mode", job.matching_mode.kind, "suspend")
    data = stage.event("RouterJobReceived", "job/held")
    expect("unavailableForMatching", data["unavailableForMatching"], True)
    stage.event("RouterJobWaitingForActivation", "job/held")
    expect("offers", stage.offers("worker"), ["later"])


def a_queued_job_can_be_cancelled_while_it_waits(stage):
    stage.router.cancel_job("soon")
    expect("status", stage.router.get_job("soon").status, "cancelled")
    at = stage.now() + timedelta(hours=1)
    stage.job("never", matching_mode=ScheduleAndSuspendMode(schedule_at=at))
    stage.router.cancel_job("never")
    stage.pass_time(3600)
    expect("status", stage.router.get_job("never").status, "cancelled")


def a_suspended_job_is_set_going_like_a_scheduled_one(stage):
    job = stage.router.upsert_job("held", matching_mode=QueueAndMatchMode())
    expect("status", job.status, "queued")
    stage.event("RouterJobQueued", "job/held")
    expect("status", stage.router.get_job("held").status, "queued")


play(
    __file__,
    [
        a_queue_with_a_worker,
        a_scheduled_job_waits_for_its_time,
        at_its_time_it_waits_to_be_activated,
        activating_it_queues_and_offers_it,
        a_schedule_in_real_time_arrives_by_itself,
        a_suspended_job_waits_from_the_start,
        a_queued_job_can_be_cancelled_while_it_waits,
        a_suspended_job_is_set_going_like_a_scheduled_one,
    ],
)
