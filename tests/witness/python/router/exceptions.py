"""Exception policies: what happens to jobs when queues grow long or waits do.

Rules R99 to R103 and R130.
"""

from azure.communication.jobrouter.models import (
    CancelExceptionAction,
    ClassificationPolicy,
    DistributionPolicy,
    ExceptionPolicy,
    ExceptionRule,
    LongestIdleMode,
    ManualReclassifyExceptionAction,
    PassThroughWorkerSelectorAttachment,
    QueueLengthExceptionTrigger,
    ReclassifyExceptionAction,
    RouterWorkerSelector,
    StaticRouterRule,
    WaitTimeExceptionTrigger,
)

from witness import eventually, expect, expect_members, play


def watched(stage, name, trigger, *actions):
    """A queue with one exception rule."""
    rule = ExceptionRule(id=f"{name}-rule", trigger=trigger, actions=list(actions))
    stage.admin.upsert_exception_policy(name, ExceptionPolicy(exception_rules=[rule]))
    stage.queue(name, exception_policy_id=name)


def queues(stage):
    policy = DistributionPolicy(offer_expires_after_seconds=3600, mode=LongestIdleMode())
    stage.admin.upsert_distribution_policy("policy", policy)
    stage.queue("overflow")


def the_job_that_finds_the_queue_full_is_cancelled(stage):
    action = CancelExceptionAction(note="try again later", disposition_code="Full")
    watched(stage, "short", QueueLengthExceptionTrigger(threshold=2), action)
    for name in ("a", "b", "c"):
        stage.job(name, "short")
    expect("status", [stage.router.get_job(name).status for name in "ab"], ["queued", "queued"])
    job = stage.router.get_job("c")
    expect_members("job", job, status="cancelled", disposition_code="Full")
    expect("notes", [note.message for note in job.notes], ["try again later"])
    data = stage.event("RouterJobExceptionTriggered", "job/c/channel/voice/exceptionrule/short-rule")
    expect("ruleKey", data["ruleKey"], "short-rule")
    stage.event("RouterJobCancelled", "job/c")


def a_job_that_waits_too_long_moves_on(stage):
    selector = RouterWorkerSelector(key="Skill", label_operator="equal", value=1)
    action = ManualReclassifyExceptionAction(
        queue_id="overflow", priority=8, worker_selectors=[selector]
    )
    watched(stage, "slow", WaitTimeExceptionTrigger(threshold_seconds=30), action)
    stage.job("d", "slow")
    stage.pass_time(29)
    expect("queue", stage.router.get_job("d").queue_id, "slow")
    stage.pass_time(1)
    job = stage.router.get_job("d")
    expect_members("job", job, status="queued", queue_id="overflow", priority=8)
    expect("selectors", [one.key for one in job.requested_worker_selectors], ["Skill"])
    stage.event("RouterJobExceptionTriggered", "job/d")
    data = stage.event("RouterJobQueued", "job/d")
    expect("queueId", data["queueId"], "overflow")


def a_rule_fires_once_in_a_stay(stage):
    action = ManualReclassifyExceptionAction(priority=3)
    watched(stage, "once", WaitTimeExceptionTrigger(threshold_seconds=10), action)
    stage.job("e", "once")
    stage.pass_time(10)
    expect("priority", stage.router.get_job("e").priority, 3)
    stage.router.upsert_job("e", priority=1)
    stage.pass_time(100)
    expect("priority", stage.router.get_job("e").priority, 1)


def a_job_is_reclassified_with_new_labels(stage):
    attachment = PassThroughWorkerSelectorAttachment(key="Late", label_operator="equal")
    policy = ClassificationPolicy(
        fallback_queue_id="overflow",
        prioritization_rule=StaticRouterRule(value=20),
        worker_selector_attachments=[attachment],
    )
    stage.admin.upsert_classification_policy("late", policy)
    action = ReclassifyExceptionAction(
        classification_policy_id="late", labels_to_upsert={"Late": True}
    )
    watched(stage, "again", WaitTimeExceptionTrigger(threshold_seconds=5), action)
    stage.job("f", "again", labels={"Topic": "bill"})
    stage.pass_time(5)
    eventually("priority", lambda: stage.router.get_job("f").priority, 20)
    job = stage.router.get_job("f")
    expect("labels", dict(job.labels), {"Topic": "bill", "Late": True})
    expect("selectors", [one.key for one in job.attached_worker_selectors], ["Late"])
    stage.event("RouterJobExceptionTriggered", "job/f")
    stage.event("RouterJobClassified", "job/f")


def a_job_that_left_in_time_is_left_alone(stage):
    stage.job("g", "slow")
    stage.router.upsert_job("g", queue_id="overflow")
    stage.pass_time(60)
    expect_members("job", stage.router.get_job("g"), status="queued", priority=1)


play(
    __file__,
    [
        queues,
        the_job_that_finds_the_queue_full_is_cancelled,
        a_job_that_waits_too_long_moves_on,
        a_rule_fires_once_in_a_stay,
        a_job_is_reclassified_with_new_labels,
        a_job_that_left_in_time_is_left_alone,
    ],
)
