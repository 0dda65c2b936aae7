"""Queue statistics, positions in a queue, and estimated waits.

Rules R79, R104, R105 and O13.
"""

from azure.communication.jobrouter.models import (
    DistributionPolicy,
    LongestIdleMode,
    RouterChannel,
)

from witness import expect, expect_members, play


def an_empty_queue_has_nothing_to_tell(stage):
    policy = DistributionPolicy(offer_expires_after_seconds=3600, mode=LongestIdleMode())
    stage.admin.upsert_distribution_policy("policy", policy)
    stage.queue("queue")
    statistics = stage.router.get_queue_statistics("queue")
    expect_members(
        "statistics", statistics, queue_id="queue", length=0, longest_job_wait_time_minutes=None
    )


def jobs_stand_in_line_by_priority_and_age(stage):
    for name, priority in [("a", 1), ("b", 5), ("c", 1)]:
        stage.job(name, priority=priority)
        stage.pass_time(30)
    for name, position in [("b", 1), ("a", 2), ("c", 3)]:
        expect_members(
            name,
            stage.router.get_queue_position(name),
            job_id=name,
            position=position,
            queue_id="queue",
            queue_length=3,
        )


def statistics_count_jobs_and_the_longest_wait(stage):
    statistics = stage.router.get_queue_statistics("queue")
    expect("length", statistics.length, 3)
    # The oldest has waited three times half a minute, and whatever real time has passed.
    expect("longest wait", 1.5 <= statistics.longest_job_wait_time_minutes < 2, True)


def an_offered_job_keeps_its_place_and_an_accepted_one_leaves(stage):
    stage.router.upsert_worker(
        "worker",
        capacity=1,
        queues=["queue"],
        channels=[RouterChannel(channel_id="voice", capacity_cost_per_job=1)],
        available_for_offers=True,
    )
    expect("offers", stage.offers("worker"), ["b"])
    expect("position", stage.router.get_queue_position("b").position, 1)
    stage.accept("worker", "b")
    expect("position", stage.router.get_queue_position("a").position, 1)
    expect("length", stage.router.get_queue_statistics("queue").length, 2)


def waits_are_estimated_from_the_first_accepted_job_on(stage):
    first = stage.router.get_queue_position("a").estimated_wait_time_minutes
    second = stage.router.get_queue_position("c").estimated_wait_time_minutes
    expect("first is at least a minute", first >= 1, True)
    expect("second waits longer", second > first, True)
    estimates = stage.router.get_queue_statistics("queue").estimated_wait_time_minutes
    expect("priorities", list(estimates), ["1"])


play(
    __file__,
    [
        an_empty_queue_has_nothing_to_tell,
        jobs_stand_in_line_by_priority_and_age,
        statistics_count_jobs_and_the_longest_wait,
        an_offered_job_keeps_its_place_and_an_accepted_one_leaves,
        waits_are_estimated_from_the_first_accepted_job_on,
    ],
)
