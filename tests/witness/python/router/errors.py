"""What the service refuses, in the form in which it does.

Rules R10 to R16, R32, R33, R35, R39, R83, R88 to R90 and O1 to O6, O8, O19.
"""

from azure.communication.jobrouter import JobRouterClient
from azure.communication.jobrouter.models import (
    BestWorkerMode,
    CancelExceptionAction,
    DistributionPolicy,
    ExceptionPolicy,
    ExceptionRule,
    ExpressionRouterRule,
    LongestIdleMode,
    QueueLengthExceptionTrigger,
    RouterChannel,
)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)

from witness import expect, play, refused


def a_queue_a_worker_and_a_job(stage):
    policy = DistributionPolicy(offer_expires_after_seconds=60, mode=LongestIdleMode())
    stage.admin.upsert_distribution_policy("policy", policy)
    stage.queue("queue")
    stage.router.upsert_worker(
        "worker",
        capacity=1,
        queues=["queue"],
        channels=[RouterChannel(channel_id="voice", capacity_cost_per_job=1)],
        available_for_offers=True,
    )
    stage.job("job")


def whatever_is_not_there_is_not_found(stage):
    router, admin = stage.router, stage.admin
    for call in [
        lambda: admin.get_distribution_policy("nothing"),
        lambda: admin.get_classification_policy("nothing"),
        lambda: admin.get_exception_policy("nothing"),
        lambda: admin.get_queue("nothing"),
        lambda: router.get_queue_statistics("nothing"),
        lambda: router.get_worker("nothing"),
        lambda: router.get_job("nothing"),
        lambda: router.get_queue_position("nothing"),
        lambda: router.cancel_job("nothing"),
        lambda: router.reclassify_job("nothing"),
        lambda: router.complete_job("nothing", "nothing"),
        lambda: router.close_job("job", "nothing"),
        lambda: router.unassign_job("job", "nothing"),
        lambda: router.accept_job_offer("nothing", "nothing"),
        lambda: router.accept_job_offer("worker", "nothing"),
        lambda: router.decline_job_offer("worker", "nothing"),
    ]:
        refused(404, call, ResourceNotFoundError, code="NotFound")


def an_error_names_its_target(stage):
    body = refused(404, lambda: stage.router.get_job("nothing"))
    expect("target", body["target"], "/routing/jobs/nothing")


def deleting_what_does_not_exist_is_no_error(stage):
    stage.router.delete_job("nothing")
    stage.router.delete_worker("nothing")
    stage.admin.delete_queue("nothing")


def what_is_in_use_is_not_deleted(stage):
    refused(
        409,
        lambda: stage.router.delete_job("job"),
        ResourceExistsError,
        code="Conflict",
        says="The job is neither closed nor cancelled",
    )
    body = refused(
        409, lambda: stage.admin.delete_queue("queue"), ResourceExistsError, code="Conflict"
    )
    for reason in [
        "There is active job with this queue",
        "There is an assigned worker to this queue",
    ]:
        expect(reason, reason in body["message"], True)
    refused(
        400,
        lambda: stage.admin.delete_distribution_policy("policy"),
        HttpResponseError,
        code="BadRequest",
        says="QueueExistsWithDistributionPolicy",
    )


def policies_in_use_are_not_deleted(stage):
    stage.admin.upsert_exception_policy("exceptions", ExceptionPolicy(exception_rules=[]))
    stage.queue("watched", exception_policy_id="exceptions")
    refused(
        400,
        lambda: stage.admin.delete_exception_policy("exceptions"),
        says="QueueExistsWithExceptionPolicy",
    )
    stage.admin.upsert_classification_policy("classify", fallback_queue_id="watched")
    stage.router.upsert_job("classified", channel_id="voice", classification_policy_id="classify")
    refused(
        400,
        lambda: stage.admin.delete_classification_policy("classify"),
        says="ActiveJobWithClassificationPolicyExist",
    )
    stage.router.cancel_job("classified")
    body = refused(409, lambda: stage.admin.delete_queue("watched"))
    reason = "There is classification policy with this queue as fallback queue"
    expect(reason, reason in body["message"], True)


def actions_in_the_wrong_state_conflict(stage):
    assignment = stage.accept("worker", "job")
    refused(
        409,
        lambda: stage.router.close_job("job", assignment),
        ResourceExistsError,
        code="Conflict",
    )
    stage.router.complete_job("job", assignment)
    refused(409, lambda: stage.router.complete_job("job", assignment), ResourceExistsError)
    refused(409, lambda: stage.router.cancel_job("job"), ResourceExistsError)
    stage.router.close_job("job", assignment)
    refused(409, lambda: stage.router.upsert_job("job", priority=3), ResourceExistsError)
    refused(400, lambda: stage.router.get_queue_position("job"), code="BadRequest")


def a_job_without_a_policy_cannot_be_reclassified(stage):
    stage.job("plain")
    refused(400, lambda: stage.router.reclassify_job("plain"), code="BadRequest")
    stage.router.cancel_job("plain")


def unusable_entities_are_refused_and_not_made(stage):
    voice = RouterChannel(channel_id="voice", capacity_cost_per_job=1)
    idle = LongestIdleMode()
    admin, router = stage.admin, stage.router

    def policy(**members):
        members = {"offer_expires_after_seconds": 60, "mode": idle, **members}
        return admin.upsert_distribution_policy("bad", DistributionPolicy(**members))

    calls = [
        lambda: policy(offer_expires_after_seconds=0),
        lambda: policy(mode=LongestIdleMode(min_concurrent_offers=3, max_concurrent_offers=2)),
        lambda: policy(mode=BestWorkerMode(scoring_rule=ExpressionRouterRule(expression="If("))),
        lambda: admin.upsert_distribution_policy("bad", {"offerExpiresAfterSeconds": 60, "mode": {}}),
        lambda: stage.queue("bad", "nothing"),
        lambda: admin.upsert_queue("bad", name="no policy"),
        lambda: stage.queue("bad", labels={"List": [1, 2]}),
        lambda: stage.queue("bad", exception_policy_id="nothing"),
        lambda: admin.upsert_classification_policy("bad", fallback_queue_id="nothing"),
        lambda: admin.upsert_exception_policy(
            "bad",
            exception_rules=[
                ExceptionRule(
                    id="r",
                    trigger=QueueLengthExceptionTrigger(threshold=0),
                    actions=[CancelExceptionAction()],
                )
            ],
        ),
        lambda: router.upsert_worker("bad", capacity=0),
        lambda: router.upsert_worker("bad", capacity=1, queues=["nothing"]),
        lambda: router.upsert_worker("bad", capacity=1, labels={"Object": {"a": 1}}),
        lambda: router.upsert_worker(
            "bad",
            capacity=1,
            channels=[RouterChannel(channel_id="voice", capacity_cost_per_job=-1)],
        ),
        lambda: router.upsert_worker(
            "bad",
            capacity=1,
            channels=[
                RouterChannel(channel_id="voice", capacity_cost_per_job=1, max_number_of_jobs=0)
            ],
        ),
        lambda: router.upsert_worker("bad", capacity=1, channels=[voice, voice]),
        lambda: router.upsert_job("bad", channel_id="voice"),
        lambda: router.upsert_job("bad", queue_id="queue"),
        lambda: stage.job("bad", "nothing"),
        lambda: router.upsert_job("bad", channel_id="voice", classification_policy_id="nothing"),
        lambda: router.upsert_job("bad", {"channelId": "voice", "queueId": "queue", "priority": "1"}),
        lambda: router.upsert_job(
            "bad", {"channelId": "voice", "queueId": "queue", "matchingMode": {}}
        ),
        lambda: stage.job("b" * 200),
    ]
    for number, call in enumerate(calls):
        body = refused(400, call, code="BadRequest")
        expect(f"details of refusal {number}", bool(body["details"][0]["message"]), True)
    for get in [
        admin.get_distribution_policy,
        admin.get_queue,
        admin.get_classification_policy,
        admin.get_exception_policy,
        router.get_worker,
        router.get_job,
    ]:
        refused(404, lambda: get("bad"))


def another_key_is_not_let_in(stage):
    stranger = JobRouterClient(stage.endpoint, AzureKeyCredential("c29tZSBvdGhlciBrZXk="))
    refused(401, lambda: stranger.get_job("job"), ClientAuthenticationError, code="Denied")


play(
    __file__,
    [
        a_queue_a_worker_and_a_job,
        whatever_is_not_there_is_not_found,
        an_error_names_its_target,
        deleting_what_does_not_exist_is_no_error,
        what_is_in_use_is_not_deleted,
        policies_in_use_are_not_deleted,
        actions_in_the_wrong_state_conflict,
        a_job_without_a_policy_cannot_be_reclassified,
        unusable_entities_are_refused_and_not_made,
        another_key_is_not_let_in,
    ],
)
