"""The package's async clients: the life of a job, lists, conditions and errors, with many calls at a time.

What each option does is shown by the other scripts: these clients differ from the others in how they send and read.

Rules R11, R12, R21, R22, R24 to R26, R49, R58, R77, R78, R84, R87 to R89, R104 and R105.
"""

import asyncio
import os

from azure.communication.jobrouter.aio import JobRouterAdministrationClient, JobRouterClient
from azure.communication.jobrouter.models import LongestIdleMode, RouterChannel
from azure.core import MatchConditions
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    ClientAuthenticationError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)

from witness import Emulator, expect, expect_members, play, refused_async


class AsyncStage(Emulator):
    """An emulator and the async clients of its Job Router."""

    def __init__(self):
        super().__init__()
        if os.environ["ACS_WITNESS_TLS"] == "1":
            self.router = JobRouterClient.from_connection_string(self.connection_string)
            self.admin = JobRouterAdministrationClient.from_connection_string(self.connection_string)
        else:
            key = AzureKeyCredential(self.key)
            self.router = JobRouterClient(self.endpoint, key)
            self.admin = JobRouterAdministrationClient(self.endpoint, key)

    async def close(self):
        await self.router.close()
        await self.admin.close()

    async def offer(self, worker_id, job_id):
        worker = await self.router.get_worker(worker_id)
        [offer] = [offer.offer_id for offer in worker.offers if offer.job_id == job_id]
        return offer


async def pages(listing):
    return [[item.id async for item in page] async for page in listing.by_page()]


async def policies_a_queue_and_a_worker(stage):
    policy = await stage.admin.upsert_distribution_policy(
        "policy", offer_expires_after_seconds=60, mode=LongestIdleMode()
    )
    expect_members("policy", policy, id="policy", offer_expires_after_seconds=60)
    await stage.admin.upsert_queue("queue", distribution_policy_id="policy", labels={"Floor": 3})
    await stage.admin.upsert_exception_policy("exceptions", exception_rules=[])
    await stage.admin.upsert_classification_policy("classification", fallback_queue_id="queue")
    queue = await stage.admin.get_queue("queue")
    expect("labels", queue.labels, {"Floor": 3, "Id": "queue"})
    worker = await stage.router.upsert_worker(
        "worker",
        capacity=1,
        queues=["queue"],
        channels=[RouterChannel(channel_id="voice", capacity_cost_per_job=1)],
        available_for_offers=True,
    )
    expect("state", worker.state, "active")


async def a_job_from_creation_to_deletion(stage):
    job = await stage.router.upsert_job("first", channel_id="voice", queue_id="queue")
    expect("status", job.status, "created")
    accepted = await stage.router.accept_job_offer("worker", await stage.offer("worker", "first"))
    await stage.router.complete_job("first", accepted.assignment_id, {"note": "done"})
    await stage.router.close_job("first", accepted.assignment_id, {"dispositionCode": "Solved"})
    job = await stage.router.get_job("first")
    expect_members("job", job, status="closed", disposition_code="Solved")
    expect("notes", [note.message for note in job.notes], ["done"])
    await stage.router.delete_job("first")
    await refused_async(404, lambda: stage.router.get_job("first"), ResourceNotFoundError, "NotFound")


async def declined_unassigned_and_cancelled(stage):
    await stage.router.upsert_job("second", channel_id="voice", queue_id="queue")
    accepted = await stage.router.accept_job_offer("worker", await stage.offer("worker", "second"))
    result = await stage.router.unassign_job("second", accepted.assignment_id)
    expect("unassignment_count", result.unassignment_count, 1)
    offer = await stage.offer("worker", "second")
    await stage.router.decline_job_offer("worker", offer)
    await refused_async(
        404, lambda: stage.router.accept_job_offer("worker", offer), ResourceNotFoundError, "NotFound"
    )
    position = await stage.router.get_queue_position("second")
    expect_members("position", position, job_id="second", position=1, queue_length=1)
    statistics = await stage.router.get_queue_statistics("queue")
    expect_members("statistics", statistics, queue_id="queue", length=1)
    await stage.router.cancel_job("second", {"dispositionCode": "Nobody"})
    job = await stage.router.get_job("second")
    expect_members("job", job, status="cancelled", disposition_code="Nobody")


async def a_job_is_classified_again(stage):
    job = await stage.router.upsert_job(
        "third", channel_id="chat", classification_policy_id="classification"
    )
    expect("status", job.status, "pendingClassification")
    await stage.router.reclassify_job("third")
    expect("queue", (await stage.router.get_job("third")).queue_id, "queue")


async def many_calls_at_a_time(stage):
    calls = [
        stage.router.upsert_job(f"many-{n:02}", channel_id="chat", queue_id="queue") for n in range(32)
    ]
    jobs = await asyncio.gather(*calls)
    expect("jobs", [job.id for job in jobs], [f"many-{n:02}" for n in range(32)])


async def lists_by_page_and_by_item(stage):
    listing = stage.router.list_jobs(channel_id="chat", results_per_page=12)
    listed = await pages(listing)
    expect("sizes of pages", [len(page) for page in listed], [12, 12, 9])
    items = [job.id async for job in stage.router.list_jobs(channel_id="chat")]
    expect("items", items, sum(listed, []))
    expect("every job once", sorted(items), [f"many-{n:02}" for n in range(32)] + ["third"])
    for listing, expected in [
        (stage.router.list_workers(), "worker"),
        (stage.admin.list_queues(), "queue"),
        (stage.admin.list_distribution_policies(), "policy"),
        (stage.admin.list_exception_policies(), "exceptions"),
        (stage.admin.list_classification_policies(), "classification"),
    ]:
        expect("list", await pages(listing), [[expected]])


async def entity_tags_are_conditions(stage):
    before = (await stage.admin.get_queue("queue")).etag
    condition = {"etag": before, "match_condition": MatchConditions.IfNotModified}
    queue = await stage.admin.upsert_queue("queue", name="Support", **condition)
    expect("name", queue.name, "Support")
    await refused_async(
        412,
        lambda: stage.admin.upsert_queue("queue", name="Sales", **condition),
        ResourceModifiedError,
        "PreconditionFailed",
    )
    expect("name", (await stage.admin.get_queue("queue")).name, "Support")


async def what_is_in_use_is_not_deleted(stage):
    await refused_async(
        409, lambda: stage.admin.delete_queue("queue"), ResourceExistsError, "Conflict", "active job"
    )
    await refused_async(
        400,
        lambda: stage.admin.delete_distribution_policy("policy"),
        code="BadRequest",
        says="QueueExistsWithDistributionPolicy",
    )


async def what_nothing_needs_is_deleted(stage):
    await stage.router.delete_worker("worker")
    await refused_async(404, lambda: stage.router.get_worker("worker"), ResourceNotFoundError)
    await stage.admin.delete_exception_policy("exceptions")
    expect("list", await pages(stage.admin.list_exception_policies()), [[]])


async def another_key_is_not_let_in(stage):
    endpoint = stage.endpoint
    if os.environ["ACS_WITNESS_TLS"] == "1":
        endpoint = endpoint.replace("http:", "https:")
    async with JobRouterClient(endpoint, AzureKeyCredential("c29tZSBvdGhlciBrZXk=")) as stranger:
        await refused_async(
            401, lambda: stranger.get_job("third"), ClientAuthenticationError, "Denied"
        )


play(
    __file__,
    [
        policies_a_queue_and_a_worker,
        a_job_from_creation_to_deletion,
        declined_unassigned_and_cancelled,
        a_job_is_classified_again,
        many_calls_at_a_time,
        lists_by_page_and_by_item,
        entity_tags_are_conditions,
        what_is_in_use_is_not_deleted,
        what_nothing_needs_is_deleted,
        another_key_is_not_let_in,
    ],
    on=AsyncStage,
)
