"""Classification policies: which queue, which priority, which selectors, and by which kind of rule.

Rules R38, R50, R56, R57, R89 to R98, R117, R118 and R123.
"""

import json
from urllib.parse import parse_qs

from azure.communication.jobrouter.models import (
    ClassificationPolicy,
    ConditionalQueueSelectorAttachment,
    ConditionalWorkerSelectorAttachment,
    DirectMapRouterRule,
    DistributionPolicy,
    ExpressionRouterRule,
    FunctionRouterRule,
    FunctionRouterRuleCredential,
    LongestIdleMode,
    OAuth2WebhookClientCredential,
    PassThroughQueueSelectorAttachment,
    PassThroughWorkerSelectorAttachment,
    QueueWeightedAllocation,
    RouterChannel,
    RouterQueueSelector,
    RouterWorkerSelector,
    RuleEngineQueueSelectorAttachment,
    RuleEngineWorkerSelectorAttachment,
    StaticQueueSelectorAttachment,
    StaticRouterRule,
    StaticWorkerSelectorAttachment,
    WebhookRouterRule,
    WeightedAllocationQueueSelectorAttachment,
    WeightedAllocationWorkerSelectorAttachment,
    WorkerWeightedAllocation,
)

from witness import eventually, expect, expect_members, play


def queue_selector(key, value):
    return RouterQueueSelector(key=key, label_operator="equal", value=value)


def worker_selector(key, value, **options):
    return RouterWorkerSelector(key=key, label_operator="equal", value=value, **options)


def classify(stage, job_id, policy=None, labels=None, **options):
    """Makes a job under a policy named like it, and gives it as classified."""
    if policy is not None:
        stage.admin.upsert_classification_policy(job_id, policy)
    job = stage.router.upsert_job(
        job_id,
        channel_id="voice",
        classification_policy_id=options.pop("classification_policy_id", job_id),
        labels=labels,
        **options,
    )
    expect("status", job.status, "pendingClassification")
    return settled(stage, job_id)


def settled(stage, job_id):
    def classified():
        return stage.router.get_job(job_id).status != "pendingClassification"

    eventually("classified", classified, True)
    return stage.router.get_job(job_id)


def queues_with_labels(stage):
    policy = DistributionPolicy(offer_expires_after_seconds=3600, mode=LongestIdleMode())
    stage.admin.upsert_distribution_policy("policy", policy)
    stage.queue("eu", labels={"Region": "EU", "Tier": 1})
    stage.queue("us", labels={"Region": "US", "Tier": 2})
    stage.queue("rest")


def a_static_attachment_chooses_the_queue(stage):
    attachment = StaticQueueSelectorAttachment(queue_selector=queue_selector("Region", "US"))
    policy = ClassificationPolicy(queue_selector_attachments=[attachment])
    job = classify(stage, "static", policy)
    expect_members("job", job, status="queued", queue_id="us", priority=1)
    data = stage.event("RouterJobReceived", "job/static")
    expect("jobStatus", data["jobStatus"], "PendingClassification")
    stage.event("RouterJobClassified", "job/static")
    stage.event("RouterJobQueued", "job/static")


def a_conditional_attachment_holds_when_its_rule_does(stage):
    attachment = ConditionalQueueSelectorAttachment(
        condition=ExpressionRouterRule(expression='job.City = "Rome" || job.City = "Paris"'),
        queue_selectors=[queue_selector("Region", "EU"), queue_selector("Tier", 1)],
    )
    policy = ClassificationPolicy(
        queue_selector_attachments=[attachment], fallback_queue_id="rest"
    )
    job = classify(stage, "conditional", policy, {"City": "Paris"})
    expect("queue", job.queue_id, "eu")
    job = classify(stage, "other", None, {"City": "Lima"}, classification_policy_id="conditional")
    expect("queue", job.queue_id, "rest")


def a_passed_through_label_chooses_the_queue(stage):
    attachment = PassThroughQueueSelectorAttachment(key="Tier", label_operator="greaterThanOrEqual")
    policy = ClassificationPolicy(queue_selector_attachments=[attachment], fallback_queue_id="rest")
    job = classify(stage, "through", policy, {"Tier": 2})
    expect("queue", job.queue_id, "us")


def a_rule_gives_queue_selectors(stage):
    selectors = [{"key": "Region", "labelOperator": "equal", "value": "EU"}]
    attachment = RuleEngineQueueSelectorAttachment(rule=StaticRouterRule(value=selectors))
    policy = ClassificationPolicy(queue_selector_attachments=[attachment])
    expect("queue", classify(stage, "ruled", policy).queue_id, "eu")
    mapped = RuleEngineQueueSelectorAttachment(rule=DirectMapRouterRule())
    policy = ClassificationPolicy(queue_selector_attachments=[mapped])
    expect("queue", classify(stage, "mapped", policy, {"Region": "US"}).queue_id, "us")


def one_of_the_weighted_allocations_chooses_the_queue(stage):
    attachment = WeightedAllocationQueueSelectorAttachment(
        allocations=[
            QueueWeightedAllocation(weight=0.0, queue_selectors=[queue_selector("Region", "US")]),
            QueueWeightedAllocation(weight=1.0, queue_selectors=[queue_selector("Region", "EU")]),
        ]
    )
    policy = ClassificationPolicy(queue_selector_attachments=[attachment])
    expect("queue", classify(stage, "weighted", policy).queue_id, "eu")


def the_job_s_own_queue_wins_over_the_policy(stage):
    job = classify(stage, "own", None, queue_id="rest", classification_policy_id="static")
    expect("queue", job.queue_id, "rest")


def without_a_queue_it_fails_and_can_be_deleted(stage):
    attachment = StaticQueueSelectorAttachment(queue_selector=queue_selector("Region", "Moon"))
    policy = ClassificationPolicy(queue_selector_attachments=[attachment])
    job = classify(stage, "failed", policy)
    expect("status", job.status, "classificationFailed")
    stage.event("RouterJobClassificationFailed", "job/failed")
    stage.router.delete_job("failed")


def rules_set_the_priority(stage):
    def priority(name, rule, **labels):
        policy = ClassificationPolicy(fallback_queue_id="rest", prioritization_rule=rule)
        return classify(stage, name, policy, labels).priority

    expect("static", priority("p-static", StaticRouterRule(value=10)), 10)
    rule = ExpressionRouterRule(expression="If(job.Vip = true, 50, 5)")
    expect("expression", priority("p-vip", rule, Vip=True), 50)
    expect("missing label", priority("p-plain", rule), 5)


def a_function_sets_the_priority(stage):
    seen = []

    def function(headers, body):
        seen.append((headers.get("x-functions-key"), json.loads(body)))
        return 17

    stage.listener.answers["/function"] = function
    rule = FunctionRouterRule(
        function_uri=f"{stage.listener.address}/function",
        credential=FunctionRouterRuleCredential(function_key="the key"),
    )
    policy = ClassificationPolicy(fallback_queue_id="rest", prioritization_rule=rule)
    expect("priority", classify(stage, "called", policy, {"Topic": "bill"}).priority, 17)
    expect("key", seen[0][0], "the key")
    expect("label", seen[0][1]["job"]["Topic"], "bill")


def an_app_key_comes_with_its_client(stage):
    seen = []

    def function(headers, body):
        seen.append((headers.get("x-functions-key"), headers.get("x-functions-clientid")))
        return 3

    stage.listener.answers["/app"] = function
    credential = FunctionRouterRuleCredential(app_key="app key", client_id="client")
    rule = FunctionRouterRule(
        function_uri=f"{stage.listener.address}/app", credential=credential
    )
    policy = ClassificationPolicy(fallback_queue_id="rest", prioritization_rule=rule)
    expect("priority", classify(stage, "app", policy).priority, 3)
    expect("headers", seen, [("app key", "client")])


def a_webhook_sets_the_priority_with_a_token(stage):
    asked = []

    def token(headers, body):
        asked.append(parse_qs(body))
        return {"access_token": "the token", "token_type": "Bearer", "expires_in": 3600}

    def hook(headers, body):
        return 23 if headers.get("authorization") == "Bearer the token" else None

    stage.listener.answers["/token"] = token
    stage.listener.answers["/hook"] = hook
    rule = WebhookRouterRule(
        authorization_server_uri=f"{stage.listener.address}/token",
        client_credential=OAuth2WebhookClientCredential(client_id="me", client_secret="secret"),
        webhook_uri=f"{stage.listener.address}/hook",
    )
    policy = ClassificationPolicy(fallback_queue_id="rest", prioritization_rule=rule)
    expect("priority", classify(stage, "hooked", policy).priority, 23)
    expect("grant", asked[0]["grant_type"], ["client_credentials"])


def a_rule_that_fails_fails_the_classification(stage):
    rule = FunctionRouterRule(function_uri=f"{stage.listener.address}/nowhere")
    policy = ClassificationPolicy(fallback_queue_id="rest", prioritization_rule=rule)
    expect("status", classify(stage, "broken", policy).status, "classificationFailed")


def worker_attachments_add_selectors(stage):
    policy = ClassificationPolicy(
        fallback_queue_id="rest",
        worker_selector_attachments=[
            StaticWorkerSelectorAttachment(worker_selector=worker_selector("Static", 1)),
            ConditionalWorkerSelectorAttachment(
                condition=StaticRouterRule(value=True),
                worker_selectors=[worker_selector("When", True)],
            ),
            ConditionalWorkerSelectorAttachment(
                condition=ExpressionRouterRule(expression="job.Missing = true"),
                worker_selectors=[worker_selector("Never", True)],
            ),
            PassThroughWorkerSelectorAttachment(
                key="Language", label_operator="equal", expires_after_seconds=60
            ),
            PassThroughWorkerSelectorAttachment(key="Absent", label_operator="equal"),
            RuleEngineWorkerSelectorAttachment(
                rule=StaticRouterRule(
                    value=[{"key": "Ruled", "labelOperator": "greaterThan", "value": 4}]
                )
            ),
            WeightedAllocationWorkerSelectorAttachment(
                allocations=[
                    WorkerWeightedAllocation(
                        weight=1.0, worker_selectors=[worker_selector("Team", "a")]
                    )
                ]
            ),
        ],
    )
    requested = [worker_selector("Asked", "for")]
    job = classify(
        stage, "selected", policy, {"Language": "it"}, requested_worker_selectors=requested
    )
    attached = {one.key: one for one in job.attached_worker_selectors}
    expect("keys", sorted(attached), ["Language", "Ruled", "Static", "Team", "When"])
    expect_members("language", attached["Language"], value="it", expires_after_seconds=60)
    expect_members("ruled", attached["Ruled"], label_operator="greaterThan", value=4)
    expect("requested", [one.key for one in job.requested_worker_selectors], ["Asked"])


def attached_selectors_decide_who_gets_the_job(stage):
    for worker, language in [("french", "fr"), ("italian", "it")]:
        stage.router.upsert_worker(
            worker,
            capacity=1,
            queues=["us"],
            labels={"Language": language},
            channels=[RouterChannel(channel_id="voice", capacity_cost_per_job=1)],
            available_for_offers=True,
        )
    stage.router.cancel_job("static")
    stage.router.cancel_job("through")
    stage.router.cancel_job("mapped")
    attachment = PassThroughWorkerSelectorAttachment(key="Language", label_operator="equal")
    policy = ClassificationPolicy(
        fallback_queue_id="us", worker_selector_attachments=[attachment]
    )
    classify(stage, "spoken", policy, {"Language": "it"})
    expect("italian", "spoken" in stage.offers("italian"), True)
    expect("french", "spoken" in stage.offers("french"), False)


def new_labels_classify_a_job_anew(stage):
    job = stage.router.upsert_job("spoken", labels={"Language": "fr"})
    expect_members("job", job, status="pendingClassification", queue_id="us")
    settled(stage, "spoken")
    expect("french", "spoken" in stage.offers("french"), True)
    expect("italian", "spoken" in stage.offers("italian"), False)
    stage.event("RouterJobClassified", "job/spoken")


def a_job_is_reclassified_on_request(stage):
    rule = StaticRouterRule(value=99)
    stage.admin.upsert_classification_policy("spoken", prioritization_rule=rule)
    expect("before", stage.router.get_job("spoken").priority, 1)
    stage.router.reclassify_job("spoken")
    eventually("priority", lambda: settled(stage, "spoken").priority, 99)


def another_policy_classifies_a_job_anew(stage):
    stage.router.upsert_job("spoken", classification_policy_id="p-static")
    eventually("priority", lambda: settled(stage, "spoken").priority, 10)


play(
    __file__,
    [
        queues_with_labels,
        a_static_attachment_chooses_the_queue,
        a_conditional_attachment_holds_when_its_rule_does,
        a_passed_through_label_chooses_the_queue,
        a_rule_gives_queue_selectors,
        one_of_the_weighted_allocations_chooses_the_queue,
        the_job_s_own_queue_wins_over_the_policy,
        without_a_queue_it_fails_and_can_be_deleted,
        rules_set_the_priority,
        a_function_sets_the_priority,
        an_app_key_comes_with_its_client,
        a_webhook_sets_the_priority_with_a_token,
        a_rule_that_fails_fails_the_classification,
        worker_attachments_add_selectors,
        attached_selectors_decide_who_gets_the_job,
        new_labels_classify_a_job_anew,
        a_job_is_reclassified_on_request,
        another_policy_classifies_a_job_anew,
    ],
)
