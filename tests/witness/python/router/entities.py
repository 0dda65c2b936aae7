"""Every entity with every option: written, read back, patched, deleted.

Rules R4 to R6, R17 to R20, R22, R30, R31, R34, R36 to R38, R40, R42, R54, R55, R59, R60 and R113.
"""

from azure.communication.jobrouter.models import (
    BestWorkerMode,
    CancelExceptionAction,
    ClassificationPolicy,
    ConditionalQueueSelectorAttachment,
    ConditionalWorkerSelectorAttachment,
    DirectMapRouterRule,
    DistributionPolicy,
    ExceptionPolicy,
    ExceptionRule,
    ExpressionRouterRule,
    FunctionRouterRule,
    FunctionRouterRuleCredential,
    LongestIdleMode,
    ManualReclassifyExceptionAction,
    OAuth2WebhookClientCredential,
    PassThroughQueueSelectorAttachment,
    PassThroughWorkerSelectorAttachment,
    QueueLengthExceptionTrigger,
    QueueWeightedAllocation,
    ReclassifyExceptionAction,
    RoundRobinMode,
    RouterChannel,
    RouterJob,
    RouterJobNote,
    RouterQueueSelector,
    RouterWorker,
    RouterWorkerSelector,
    RuleEngineQueueSelectorAttachment,
    RuleEngineWorkerSelectorAttachment,
    ScoringRuleOptions,
    StaticQueueSelectorAttachment,
    StaticRouterRule,
    StaticWorkerSelectorAttachment,
    WaitTimeExceptionTrigger,
    WebhookRouterRule,
    WeightedAllocationQueueSelectorAttachment,
    WeightedAllocationWorkerSelectorAttachment,
    WorkerWeightedAllocation,
)
from azure.core.exceptions import ResourceNotFoundError

from witness import Mismatch, expect, expect_members, play, refused


def queue_selector(key, value):
    return RouterQueueSelector(key=key, label_operator="equal", value=value)


def worker_selector(key, value, **options):
    return RouterWorkerSelector(key=key, label_operator="equal", value=value, **options)


def a_distribution_policy_gets_the_defaults_of_its_mode(stage):
    mode = LongestIdleMode()
    policy = DistributionPolicy(name="idle", offer_expires_after_seconds=30, mode=mode)
    policy = stage.admin.upsert_distribution_policy("idle", policy)
    expect_members("policy", policy, id="idle", name="idle", offer_expires_after_seconds=30)
    expect_members(
        "mode",
        policy.mode,
        kind="longestIdle",
        min_concurrent_offers=1,
        max_concurrent_offers=1,
        bypass_selectors=False,
    )
    expect("read", stage.admin.get_distribution_policy("idle"), policy)


def round_robin_keeps_every_option(stage):
    mode = RoundRobinMode(min_concurrent_offers=2, max_concurrent_offers=5, bypass_selectors=True)
    policy = DistributionPolicy(offer_expires_after_seconds=0.5, mode=mode)
    policy = stage.admin.upsert_distribution_policy("round", policy)
    expect("seconds", policy.offer_expires_after_seconds, 0.5)
    expect_members(
        "mode",
        policy.mode,
        kind="roundRobin",
        min_concurrent_offers=2,
        max_concurrent_offers=5,
        bypass_selectors=True,
    )


def best_worker_keeps_its_rule_and_options(stage):
    options = ScoringRuleOptions(
        batch_size=10,
        scoring_parameters=["jobLabels", "workerSelectors"],
        is_batch_scoring_enabled=True,
        descending_order=False,
    )
    rule = FunctionRouterRule(
        function_uri="https://functions.example/score",
        credential=FunctionRouterRuleCredential(function_key="key"),
    )
    mode = BestWorkerMode(scoring_rule=rule, scoring_rule_options=options)
    policy = DistributionPolicy(offer_expires_after_seconds=60, mode=mode)
    policy = stage.admin.upsert_distribution_policy("best", policy)
    expect_members("mode", policy.mode, kind="bestWorker")
    expect("rule", policy.mode.scoring_rule.function_uri, "https://functions.example/score")
    expect_members(
        "options",
        policy.mode.scoring_rule_options,
        batch_size=10,
        is_batch_scoring_enabled=True,
        descending_order=False,
    )


def every_kind_of_rule_that_gives_a_score_is_kept(stage):
    rules = [
        StaticRouterRule(value=1),
        ExpressionRouterRule(expression="If(worker.Skill = 1, 1, 0)", language="powerFx"),
        WebhookRouterRule(
            authorization_server_uri="https://login.example/token",
            client_credential=OAuth2WebhookClientCredential(client_id="id", client_secret="secret"),
            webhook_uri="https://hooks.example/score",
        ),
    ]
    for rule in rules:
        policy = DistributionPolicy(
            offer_expires_after_seconds=60, mode=BestWorkerMode(scoring_rule=rule)
        )
        policy = stage.admin.upsert_distribution_policy("scored", policy)
        expect("kind", policy.mode.scoring_rule.kind, rule.kind)
    stage.admin.delete_distribution_policy("scored")
    # Selectors are no score.
    mode = BestWorkerMode(scoring_rule=DirectMapRouterRule())
    policy = DistributionPolicy(offer_expires_after_seconds=60, mode=mode)
    refused(400, lambda: stage.admin.upsert_distribution_policy("scored", policy))


def a_queue_has_labels_and_its_own_id_among_them(stage):
    stage.admin.upsert_exception_policy("none", ExceptionPolicy(exception_rules=[]))
    queue = stage.queue(
        "sales",
        "idle",
        name="Sales",
        labels={"Region": "EU", "Size": 7, "Open": True},
        exception_policy_id="none",
    )
    expect_members("queue", queue, name="Sales", exception_policy_id="none")
    labels = {"Region": "EU", "Size": 7, "Open": True, "Id": "sales"}
    expect("labels", dict(queue.labels), labels)
    expect("read", stage.admin.get_queue("sales"), queue)


def labels_are_merged_and_null_removes_one(stage):
    queue = stage.queue("sales", "idle", labels={"Size": None, "Open": False})
    expect("labels", dict(queue.labels), {"Region": "EU", "Open": False, "Id": "sales"})
    queue = stage.queue("sales", "idle", labels={})
    expect("labels", dict(queue.labels), {"Region": "EU", "Open": False, "Id": "sales"})


def null_clears_a_member_and_what_is_absent_stays(stage):
    queue = stage.admin.upsert_queue("sales", {"exceptionPolicyId": None})
    expect_members("queue", queue, exception_policy_id=None, name="Sales")
    stage.admin.delete_exception_policy("none")


def a_patch_that_changes_nothing_keeps_the_entity_tag(stage):
    before = stage.admin.get_queue("sales").etag
    queue = stage.queue("sales", "idle", name="Sales")
    expect("etag", queue.etag, before)


def a_classification_policy_keeps_every_attachment(stage):
    condition = ExpressionRouterRule(expression="job.Vip = true")
    policy = ClassificationPolicy(
        name="all",
        fallback_queue_id="sales",
        prioritization_rule=StaticRouterRule(value=10),
        queue_selector_attachments=[
            StaticQueueSelectorAttachment(queue_selector=queue_selector("Region", "EU")),
            ConditionalQueueSelectorAttachment(
                condition=condition, queue_selectors=[queue_selector("Vip", True)]
            ),
            PassThroughQueueSelectorAttachment(key="Region", label_operator="equal"),
            RuleEngineQueueSelectorAttachment(rule=DirectMapRouterRule()),
            WeightedAllocationQueueSelectorAttachment(
                allocations=[
                    QueueWeightedAllocation(weight=0.25, queue_selectors=[queue_selector("Id", "a")]),
                    QueueWeightedAllocation(weight=0.75, queue_selectors=[queue_selector("Id", "b")]),
                ]
            ),
        ],
        worker_selector_attachments=[
            StaticWorkerSelectorAttachment(worker_selector=worker_selector("Skill", 1)),
            ConditionalWorkerSelectorAttachment(
                condition=condition,
                worker_selectors=[worker_selector("Vip", True, expires_after_seconds=20, expedite=True)],
            ),
            PassThroughWorkerSelectorAttachment(
                key="Language", label_operator="equal", expires_after_seconds=30
            ),
            RuleEngineWorkerSelectorAttachment(rule=DirectMapRouterRule()),
            WeightedAllocationWorkerSelectorAttachment(
                allocations=[
                    WorkerWeightedAllocation(weight=0.5, worker_selectors=[worker_selector("Team", "a")]),
                    WorkerWeightedAllocation(weight=0.5, worker_selectors=[worker_selector("Team", "b")]),
                ]
            ),
        ],
    )
    policy = stage.admin.upsert_classification_policy("all", policy)
    expect_members("policy", policy, id="all", name="all", fallback_queue_id="sales")
    expect("rule", policy.prioritization_rule.value, 10)
    kinds = ["static", "conditional", "passThrough", "ruleEngine", "weightedAllocation"]
    expect("queue kinds", [a.kind for a in policy.queue_selector_attachments], kinds)
    expect("worker kinds", [a.kind for a in policy.worker_selector_attachments], kinds)
    static, conditional, through, _, weighted = policy.worker_selector_attachments
    expect_members(
        "static", static.worker_selector, key="Skill", value=1, expedite=False, status="active"
    )
    expect_members(
        "conditional", conditional.worker_selectors[0], expires_after_seconds=20, expedite=True
    )
    expect_members("passThrough", through, key="Language", expires_after_seconds=30)
    expect("weights", [one.weight for one in weighted.allocations], [0.5, 0.5])
    expect("read", stage.admin.get_classification_policy("all"), policy)


def a_classification_policy_without_attachments_has_empty_lists(stage):
    policy = stage.admin.upsert_classification_policy("empty", fallback_queue_id="sales")
    expect("queue attachments", policy.queue_selector_attachments, [])
    expect("worker attachments", policy.worker_selector_attachments, [])


def an_exception_policy_keeps_every_trigger_and_action(stage):
    rules = [
        ExceptionRule(
            id="long-queue",
            trigger=QueueLengthExceptionTrigger(threshold=10),
            actions=[
                CancelExceptionAction(note="too many", disposition_code="Full"),
                ManualReclassifyExceptionAction(
                    id="mine",
                    queue_id="sales",
                    priority=5,
                    worker_selectors=[worker_selector("Skill", 2)],
                ),
            ],
        ),
        ExceptionRule(
            id="long-wait",
            trigger=WaitTimeExceptionTrigger(threshold_seconds=60.5),
            actions=[
                ReclassifyExceptionAction(
                    classification_policy_id="all", labels_to_upsert={"Late": True}
                ),
                ManualReclassifyExceptionAction(priority=9),
            ],
        ),
    ]
    policy = ExceptionPolicy(name="both", exception_rules=rules)
    policy = stage.admin.upsert_exception_policy("both", policy)
    expect_members("policy", policy, id="both", name="both")
    first, second = policy.exception_rules
    expect_members("first", first, id="long-queue")
    expect_members("trigger", first.trigger, kind="queueLength", threshold=10)
    expect_members(
        "cancel", first.actions[0], kind="cancel", note="too many", disposition_code="Full"
    )
    expect_members("manual", first.actions[1], id="mine", queue_id="sales", priority=5)
    expect_members("trigger", second.trigger, kind="waitTime", threshold_seconds=60.5)
    expect("labels", dict(second.actions[0].labels_to_upsert), {"Late": True})
    expect("selectors", second.actions[1].worker_selectors, [])
    if not all(action.id for rule in policy.exception_rules for action in rule.actions):
        raise Mismatch("actions: expected each to have an id")
    expect("read", stage.admin.get_exception_policy("both"), policy)


def a_worker_starts_inactive_and_empty(stage):
    worker = stage.router.upsert_worker("idle", capacity=2)
    expect_members(
        "worker",
        worker,
        state="inactive",
        available_for_offers=False,
        capacity=2,
        queues=[],
        channels=[],
        offers=[],
        assigned_jobs=[],
        load_ratio=0,
    )
    expect("labels", dict(worker.labels), {"Id": "idle"})
    expect("tags", dict(worker.tags), {})


def a_worker_keeps_every_option(stage):
    worker = RouterWorker(
        capacity=100,
        queues=["sales"],
        labels={"Skill": 1.5, "Language": "en", "Vip": False},
        tags={"Note": "new", "Number": 3},
        channels=[
            RouterChannel(channel_id="voice", capacity_cost_per_job=100),
            RouterChannel(channel_id="chat", capacity_cost_per_job=10, max_number_of_jobs=3),
        ],
        available_for_offers=True,
    )
    worker = stage.router.upsert_worker("full", worker)
    expect_members("worker", worker, id="full", state="active", capacity=100, queues=["sales"])
    labels = {"Skill": 1.5, "Language": "en", "Vip": False, "Id": "full"}
    expect("labels", dict(worker.labels), labels)
    expect("tags", dict(worker.tags), {"Note": "new", "Number": 3})
    expect_members("voice", worker.channels[0], capacity_cost_per_job=100, max_number_of_jobs=None)
    expect_members("chat", worker.channels[1], capacity_cost_per_job=10, max_number_of_jobs=3)
    stage.event("RouterWorkerRegistered", "worker/full")
    stage.router.upsert_worker("full", tags={"Note": None})
    data = stage.event("RouterWorkerUpdated", "worker/full")
    expect("updated", data["updatedWorkerProperties"], ["Tags"])
    worker = stage.router.upsert_worker("full", available_for_offers=False)
    expect_members("worker", worker, state="inactive", queues=["sales"])
    expect("tags", dict(worker.tags), {"Number": 3})
    stage.event("RouterWorkerDeregistered", "worker/full")


def a_job_keeps_every_option(stage):
    job = RouterJob(
        channel_id="voice",
        channel_reference="call-1",
        queue_id="sales",
        priority=7,
        disposition_code="New",
        requested_worker_selectors=[
            worker_selector("Skill", 3, expires_after_seconds=90.5, expedite=True)
        ],
        labels={"Vip": True, "Age": 40, "City": "Paris"},
        tags={"Campaign": "spring"},
        notes=[RouterJobNote(message="first")],
    )
    job = stage.router.upsert_job("full", job)
    expect_members(
        "job",
        job,
        status="created",
        channel_reference="call-1",
        priority=7,
        disposition_code="New",
        attached_worker_selectors=[],
        scheduled_at=None,
    )
    expect_members(
        "selector",
        job.requested_worker_selectors[0],
        key="Skill",
        label_operator="equal",
        value=3,
        expires_after_seconds=90.5,
        expedite=True,
        status="active",
    )
    expect("labels", dict(job.labels), {"Vip": True, "Age": 40, "City": "Paris"})
    expect("tags", dict(job.tags), {"Campaign": "spring"})
    expect("notes", [note.message for note in job.notes], ["first"])
    expect("mode", job.matching_mode.kind, "queueAndMatch")
    read = stage.router.get_job("full")
    expect("status", read.status, "queued")
    if read.enqueued_at is None or read.notes[0].added_at is None:
        raise Mismatch("times: expected enqueued_at and added_at to be set")


def a_job_is_patched_by_member(stage):
    job = stage.router.upsert_job(
        "full",
        labels={"Age": None, "City": "Rome"},
        notes=[RouterJobNote(message="second")],
        requested_worker_selectors=[],
        disposition_code="Seen",
    )
    expect("labels", dict(job.labels), {"Vip": True, "City": "Rome"})
    expect("notes", [note.message for note in job.notes], ["second"])
    expect_members(
        "job", job, requested_worker_selectors=[], disposition_code="Seen", priority=7
    )


def members_are_read_whatever_their_case_and_unknown_ones_passed_over(stage):
    job = stage.router.upsert_job(
        "full", {"ChannelReference": None, "id": "other", "etag": "", "unheardOf": 1}
    )
    expect_members("job", job, id="full", channel_reference=None)


def everything_is_deleted_and_gone(stage):
    stage.router.cancel_job("full")
    for delete, get, ids in [
        (stage.router.delete_job, stage.router.get_job, ["full"]),
        (stage.router.delete_worker, stage.router.get_worker, ["full", "idle"]),
        (stage.admin.delete_exception_policy, stage.admin.get_exception_policy, ["both"]),
        (
            stage.admin.delete_classification_policy,
            stage.admin.get_classification_policy,
            ["all", "empty"],
        ),
        (stage.admin.delete_queue, stage.admin.get_queue, ["sales"]),
        (
            stage.admin.delete_distribution_policy,
            stage.admin.get_distribution_policy,
            ["idle", "round", "best"],
        ),
    ]:
        for name in ids:
            delete(name)
            refused(404, lambda: get(name), ResourceNotFoundError, code="NotFound")
            # What is not there can be deleted again.
            delete(name)


play(
    __file__,
    [
        a_distribution_policy_gets_the_defaults_of_its_mode,
        round_robin_keeps_every_option,
        best_worker_keeps_its_rule_and_options,
        every_kind_of_rule_that_gives_a_score_is_kept,
        a_queue_has_labels_and_its_own_id_among_them,
        labels_are_merged_and_null_removes_one,
        null_clears_a_member_and_what_is_absent_stays,
        a_patch_that_changes_nothing_keeps_the_entity_tag,
        a_classification_policy_keeps_every_attachment,
        a_classification_policy_without_attachments_has_empty_lists,
        an_exception_policy_keeps_every_trigger_and_action,
        a_worker_starts_inactive_and_empty,
        a_worker_keeps_every_option,
        a_job_keeps_every_option,
        a_job_is_patched_by_member,
        members_are_read_whatever_their_case_and_unknown_ones_passed_over,
        everything_is_deleted_and_gone,
    ],
)
