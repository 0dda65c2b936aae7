"""Lists: pages, filters, order, and what happens while entities come and go.

Rules R24 to R29 and O20.
"""

from datetime import timedelta

from azure.communication.jobrouter.models import (
    DistributionPolicy,
    ExceptionPolicy,
    LongestIdleMode,
    RouterChannel,
    ScheduleAndSuspendMode,
)

from witness import expect, play


def ids(items):
    return [item.id for item in items]


def pages(listing):
    return [ids(page) for page in listing.by_page()]


def seven_of_each(stage):
    for number in range(7):
        policy = DistributionPolicy(offer_expires_after_seconds=60, mode=LongestIdleMode())
        stage.admin.upsert_distribution_policy(f"policy-{number}", policy)
        stage.admin.upsert_exception_policy(f"policy-{number}", ExceptionPolicy(exception_rules=[]))
        stage.queue(f"queue-{number}", f"policy-{number}")
        stage.admin.upsert_classification_policy(
            f"policy-{number}", fallback_queue_id=f"queue-{number}"
        )
        stage.router.upsert_worker(f"worker-{number}", capacity=1)
        stage.job(f"job-{number}", f"queue-{number}")


def every_list_comes_in_pages_newest_first(stage):
    for listing, name in [
        (stage.admin.list_distribution_policies, "policy"),
        (stage.admin.list_classification_policies, "policy"),
        (stage.admin.list_exception_policies, "policy"),
        (stage.admin.list_queues, "queue"),
        (stage.router.list_workers, "worker"),
        (stage.router.list_jobs, "job"),
    ]:
        expected = [[f"{name}-{n}" for n in part] for part in ([6, 5, 4], [3, 2, 1], [0])]
        expect(listing.__name__, pages(listing(results_per_page=3)), expected)
        expect(listing.__name__, ids(listing()), sum(expected, []))


def a_listed_entity_is_the_whole_entity(stage):
    expect("job", next(iter(stage.router.list_jobs())), stage.router.get_job("job-6"))
    expect("queue", next(iter(stage.admin.list_queues())), stage.admin.get_queue("queue-6"))


def nothing_is_listed_twice_or_lost_while_entities_come_and_go(stage):
    listing = stage.router.list_jobs(results_per_page=3).by_page()
    seen = ids(next(listing))
    stage.job("job-7", "queue-0")
    stage.router.cancel_job("job-4")
    stage.router.delete_job("job-4")
    for page in listing:
        seen += ids(page)
    expect("jobs", seen, [f"job-{n}" for n in (6, 5, 4, 3, 2, 1, 0)])


def a_continuation_token_goes_on_where_another_client_stopped(stage):
    listing = stage.admin.list_queues(results_per_page=4).by_page()
    next(listing)
    resumed = stage.admin.list_queues().by_page(listing.continuation_token)
    expect("queues", ids(next(resumed)), ["queue-2", "queue-1", "queue-0"])


def jobs_are_filtered_by_state(stage):
    stage.router.cancel_job("job-0")
    expect("cancelled", ids(stage.router.list_jobs(status="cancelled")), ["job-0"])
    active = ["job-7", "job-6", "job-5", "job-3", "job-2", "job-1"]
    expect("active", ids(stage.router.list_jobs(status="active")), active)
    expect("queued", ids(stage.router.list_jobs(status="queued")), active)
    expect("all", ids(stage.router.list_jobs(status="all")), active + ["job-0"])


def jobs_are_filtered_by_queue_channel_and_policy(stage):
    expect("queue", ids(stage.router.list_jobs(queue_id="queue-3")), ["job-3"])
    expect("no such queue", ids(stage.router.list_jobs(queue_id="queue")), [])
    stage.router.upsert_job("chat", channel_id="chat", queue_id="queue-3")
    expect("channel", ids(stage.router.list_jobs(channel_id="chat")), ["chat"])
    both = stage.router.list_jobs(channel_id="voice", queue_id="queue-3")
    expect("both", ids(both), ["job-3"])
    stage.router.upsert_job("classified", channel_id="voice", classification_policy_id="policy-1")
    found = stage.router.list_jobs(classification_policy_id="policy-1")
    expect("policy", ids(found), ["classified"])


def jobs_are_filtered_by_schedule(stage):
    now = stage.now()
    for hours in (1, 2, 3):
        mode = ScheduleAndSuspendMode(schedule_at=now + timedelta(hours=hours))
        stage.job(f"in-{hours}", "queue-1", matching_mode=mode)
    two = now + timedelta(hours=2)
    expect("before", ids(stage.router.list_jobs(scheduled_before=two)), ["in-2", "in-1"])
    expect("after", ids(stage.router.list_jobs(scheduled_after=two)), ["in-3", "in-2"])
    both = stage.router.list_jobs(scheduled_before=two, scheduled_after=two)
    expect("at", ids(both), ["in-2"])


def a_filter_holds_for_all_its_pages(stage):
    found = pages(stage.router.list_jobs(channel_id="voice", status="queued", results_per_page=4))
    expect("pages", [len(page) for page in found], [4, 3])


def workers_are_filtered(stage):
    voice = [RouterChannel(channel_id="voice", capacity_cost_per_job=1)]
    for number in (1, 2):
        stage.router.upsert_worker(
            f"worker-{number}",
            queues=[f"queue-{number}"],
            channels=voice,
            available_for_offers=True,
        )
    expect("active", ids(stage.router.list_workers(state="active")), ["worker-2", "worker-1"])
    inactive = [f"worker-{n}" for n in (6, 5, 4, 3, 0)]
    expect("inactive", ids(stage.router.list_workers(state="inactive")), inactive)
    expect("queue", ids(stage.router.list_workers(queue_id="queue-2")), ["worker-2"])
    both = ["worker-2", "worker-1"]
    expect("channel", ids(stage.router.list_workers(channel_id="voice")), both)
    expect("channel", ids(stage.router.list_workers(channel_id="chat")), [])
    # Each of the two holds an offer by now, and has room for no more.
    free = stage.router.list_workers(channel_id="voice", has_capacity=True)
    expect("with capacity", ids(free), [])
    assignment = stage.accept("worker-2", "job-2")
    stage.finish("job-2", assignment)
    free = stage.router.list_workers(channel_id="voice", has_capacity=True)
    expect("with capacity", ids(free), ["worker-2"])


play(
    __file__,
    [
        seven_of_each,
        every_list_comes_in_pages_newest_first,
        a_listed_entity_is_the_whole_entity,
        nothing_is_listed_twice_or_lost_while_entities_come_and_go,
        a_continuation_token_goes_on_where_another_client_stopped,
        jobs_are_filtered_by_state,
        jobs_are_filtered_by_queue_channel_and_policy,
        jobs_are_filtered_by_schedule,
        a_filter_holds_for_all_its_pages,
        workers_are_filtered,
    ],
)
