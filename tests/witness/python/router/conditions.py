"""Optimistic concurrency: upserts that hold only as long as nobody else has written.

Rules R14 and R21.
"""

from datetime import datetime, timedelta, timezone

from azure.communication.jobrouter.models import (
    DistributionPolicy,
    ExceptionPolicy,
    LongestIdleMode,
)
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceModifiedError

from witness import Mismatch, expect, play, refused

HOUR = timedelta(hours=1)


def entities(stage):
    """Name, an upsert that changes something, and a read, for each kind of entity."""
    policy = DistributionPolicy(offer_expires_after_seconds=60, mode=LongestIdleMode())
    stage.admin.upsert_distribution_policy("policy", policy)
    stage.admin.upsert_exception_policy("policy", ExceptionPolicy(exception_rules=[]))
    stage.queue("queue")
    stage.admin.upsert_classification_policy("policy", fallback_queue_id="queue")
    stage.router.upsert_worker("worker", capacity=1)
    stage.job("job")
    admin, router = stage.admin, stage.router
    stage.entities = [
        (admin.upsert_distribution_policy, admin.get_distribution_policy, "policy", "name"),
        (admin.upsert_classification_policy, admin.get_classification_policy, "policy", "name"),
        (admin.upsert_exception_policy, admin.get_exception_policy, "policy", "name"),
        (admin.upsert_queue, admin.get_queue, "queue", "name"),
        (router.upsert_worker, router.get_worker, "worker", "capacity"),
        (router.upsert_job, router.get_job, "job", "priority"),
    ]


def value(member, number):
    return f"name {number}" if member == "name" else number


def the_entity_tag_of_a_read_lets_one_write_through(stage):
    for upsert, get, name, member in stage.entities:
        etag = get(name).etag
        matched = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
        written = upsert(name, **{member: value(member, 2)}, **matched)
        expect(f"{upsert.__name__}.{member}", getattr(written, member), value(member, 2))
        if written.etag == etag:
            raise Mismatch(f"{upsert.__name__}: expected a new etag, got the old one")


def a_stale_entity_tag_is_refused_and_changes_nothing(stage):
    for upsert, get, name, member in stage.entities:
        before = get(name)
        upsert(name, **{member: value(member, 3)})
        after = get(name)
        stale = {"etag": before.etag, "match_condition": MatchConditions.IfNotModified}
        refused(
            412,
            lambda: upsert(name, **{member: value(member, 4)}, **stale),
            ResourceModifiedError,
            code="PreconditionFailed",
        )
        expect(name, get(name), after)


def a_write_since_a_time_is_noticed(stage):
    # Like the header, the condition counts whole seconds of real time.
    now = datetime.now(timezone.utc)
    for upsert, get, name, member in stage.entities:
        change = {member: value(member, 5)}
        refused(
            412,
            lambda: upsert(name, **change, if_unmodified_since=now - HOUR),
            HttpResponseError,
            code="PreconditionFailed",
        )
        written = upsert(name, **change, if_unmodified_since=now + HOUR)
        expect(f"{upsert.__name__}.{member}", getattr(written, member), value(member, 5))


def any_tag_matches_only_what_is_there(stage):
    present = {"match_condition": MatchConditions.IfPresent}
    stage.admin.upsert_queue("queue", name="here", **present)
    refused(
        412,
        lambda: stage.queue("other", name="here", **present),
        HttpResponseError,
        code="PreconditionFailed",
    )
    refused(404, lambda: stage.admin.get_queue("other"))


play(
    __file__,
    [
        entities,
        the_entity_tag_of_a_read_lets_one_write_through,
        a_stale_entity_tag_is_refused_and_changes_nothing,
        a_write_since_a_time_is_noticed,
        any_tag_matches_only_what_is_there,
    ],
)
