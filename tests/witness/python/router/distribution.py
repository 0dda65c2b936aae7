"""Who gets an offer: the three modes, their options, and scoring by rules.

Rules R45, R61 to R75, R98 and R125.
"""

import json

from azure.communication.jobrouter.models import (
    BestWorkerMode,
    DistributionPolicy,
    ExpressionRouterRule,
    FunctionRouterRule,
    FunctionRouterRuleCredential,
    LongestIdleMode,
    RoundRobinMode,
    RouterChannel,
    RouterWorkerSelector,
    ScoringRuleOptions,
)

from witness import eventually, expect, play


def arena(stage, name, mode, workers, capacity=1):
    """A queue of its own with a mode, and workers with labels, registered in the order given."""
    policy = DistributionPolicy(offer_expires_after_seconds=600, mode=mode)
    stage.admin.upsert_distribution_policy(name, policy)
    stage.queue(name, name)
    for worker, labels in workers.items():
        stage.router.upsert_worker(
            worker,
            capacity=capacity,
            queues=[name],
            labels=labels,
            channels=[RouterChannel(channel_id="voice", capacity_cost_per_job=1)],
            available_for_offers=True,
        )
        stage.pass_time(1)


def offered_to(stage, workers, job):
    """The workers that hold an offer for a job."""
    return [worker for worker in workers if job in stage.offers(worker)]


def longest_idle_prefers_whoever_waits_longest(stage):
    workers = {"idle-b": {}, "idle-a": {}, "idle-c": {}}
    arena(stage, "idle", LongestIdleMode(), workers)
    stage.job("idle-1", "idle")
    expect("first", offered_to(stage, workers, "idle-1"), ["idle-b"])
    stage.finish("idle-1", stage.accept("idle-b", "idle-1"))
    stage.pass_time(1)
    for job, worker in [("idle-2", "idle-a"), ("idle-3", "idle-c"), ("idle-4", "idle-b")]:
        stage.job(job, "idle")
        expect(job, offered_to(stage, workers, job), [worker])


def longest_idle_prefers_the_lower_load(stage):
    workers = {"load-a": {}, "load-b": {}}
    arena(stage, "load", LongestIdleMode(), workers, capacity=2)
    stage.job("load-1", "load")
    stage.accept("load-a", "load-1")
    stage.job("load-2", "load")
    expect("second", offered_to(stage, workers, "load-2"), ["load-b"])


def round_robin_goes_by_id_and_begins_again(stage):
    workers = {"round-c": {}, "round-a": {}, "round-b": {}}
    arena(stage, "round", RoundRobinMode(), workers, capacity=3)
    turns = ["round-a", "round-b", "round-c", "round-a", "round-b"]
    for number, worker in enumerate(turns):
        stage.job(f"round-{number}", "round")
        expect(f"turn {number}", offered_to(stage, workers, f"round-{number}"), [worker])


def best_worker_scores_labels_and_selectors_by_default(stage):
    workers = {
        "best-a": {"Language": "en", "Skill": 6},
        "best-b": {"Language": "fr", "Skill": 20},
        "best-c": {"Language": "fr", "Skill": 9},
    }
    arena(stage, "best", BestWorkerMode(), workers)
    selector = RouterWorkerSelector(key="Skill", label_operator="greaterThan", value=5)
    stage.job(
        "best-1", "best", labels={"Language": "fr"}, requested_worker_selectors=[selector]
    )
    expect("best", offered_to(stage, workers, "best-1"), ["best-b"])
    stage.job("best-2", "best", labels={"Language": "en"})
    expect("best", offered_to(stage, workers, "best-2"), ["best-a"])


def best_worker_scores_by_an_expression(stage):
    workers = {"rule-a": {"Gold": True}, "rule-b": {}, "rule-c": {"Silver": True}}
    rule = ExpressionRouterRule(
        expression="If(worker.Gold = true, 100, If(worker.Silver = true, 10, 1))"
    )
    arena(stage, "rule", BestWorkerMode(scoring_rule=rule), workers)
    for number, worker in enumerate(["rule-a", "rule-c", "rule-b"]):
        stage.job(f"rule-{number}", "rule")
        expect(f"place {number}", offered_to(stage, workers, f"rule-{number}"), [worker])


def ascending_order_takes_the_lowest_score(stage):
    workers = {"low-a": {"Price": 3}, "low-b": {"Price": 1}, "low-c": {"Price": 2}}
    mode = BestWorkerMode(
        scoring_rule=ExpressionRouterRule(expression="worker.Price"),
        scoring_rule_options=ScoringRuleOptions(descending_order=False),
    )
    arena(stage, "low", mode, workers)
    stage.job("low-1", "low")
    expect("lowest", offered_to(stage, workers, "low-1"), ["low-b"])


def a_function_scores(stage):
    workers = {"called-a": {"Rank": 1}, "called-b": {"Rank": 2}}
    seen = []

    def score(headers, body):
        parameters = json.loads(body)
        seen.append((headers.get("x-functions-key"), parameters["job"]))
        return parameters["worker"]["Rank"]

    stage.listener.answers["/score"] = score
    rule = FunctionRouterRule(
        function_uri=f"{stage.listener.address}/score",
        credential=FunctionRouterRuleCredential(function_key="the key"),
    )
    arena(stage, "called", BestWorkerMode(scoring_rule=rule), workers)
    stage.job("called-1", "called", labels={"Topic": "bill"})
    eventually("best", lambda: offered_to(stage, workers, "called-1"), ["called-b"])
    expect("key", seen[0][0], "the key")
    expect("job", seen[0][1].get("Topic"), "bill")


def several_offers_at_a_time_end_with_the_first_accepted(stage):
    workers = {"many-a": {}, "many-b": {}, "many-c": {}}
    mode = LongestIdleMode(min_concurrent_offers=1, max_concurrent_offers=2)
    arena(stage, "many", mode, workers)
    stage.job("many-1", "many")
    expect("offers", offered_to(stage, workers, "many-1"), ["many-a", "many-b"])
    stage.accept("many-b", "many-1")
    expect("offers", offered_to(stage, workers, "many-1"), [])
    stage.event("RouterWorkerOfferAccepted", "worker/many-b/job/many-1")
    stage.event("RouterWorkerOfferRevoked", "worker/many-a/job/many-1")


def bypassing_selectors_offers_to_whoever_is_there(stage):
    selector = RouterWorkerSelector(key="Skill", label_operator="equal", value=1)
    for name, bypass in [("strict", False), ("bypass", True)]:
        mode = LongestIdleMode(bypass_selectors=bypass)
        arena(stage, name, mode, {f"{name}-a": {}})
        stage.job(f"{name}-1", name, requested_worker_selectors=[selector])
        offered = offered_to(stage, [f"{name}-a"], f"{name}-1")
        expect(name, offered, [f"{name}-a"] if bypass else [])


def every_operator_compares(stage):
    policy = DistributionPolicy(offer_expires_after_seconds=600, mode=LongestIdleMode())
    stage.admin.upsert_distribution_policy("operators", policy)
    cases = [
        ("equal", 5, True), ("equal", 6, False), ("notEqual", 6, True), ("notEqual", 5, False),
        ("lessThan", 6, True), ("lessThan", 5, False),
        ("lessThanOrEqual", 5, True), ("lessThanOrEqual", 4, False),
        ("greaterThan", 4, True), ("greaterThan", 5, False),
        ("greaterThanOrEqual", 5, True), ("greaterThanOrEqual", 6, False),
        ("equal", "5", False), ("notEqual", "5", True), ("greaterThan", "4", False),
        ("equal", 5.0, True),
    ]  # fmt: skip
    stage.queue("operators", "operators")
    stage.router.upsert_worker(
        "operators",
        capacity=100,
        queues=["operators"],
        labels={"Skill": 5},
        channels=[RouterChannel(channel_id="voice", capacity_cost_per_job=1)],
        available_for_offers=True,
    )
    for number, (operator, value, matches) in enumerate(cases):
        selector = RouterWorkerSelector(key="Skill", label_operator=operator, value=value)
        job = f"operator-{number}"
        stage.job(job, "operators", requested_worker_selectors=[selector])
        expect(f"5 {operator} {value!r}", job in stage.offers("operators"), matches)
    for operator, matches in [("notEqual", True), ("equal", False)]:
        selector = RouterWorkerSelector(key="Missing", label_operator=operator, value=1)
        job = f"missing-{operator}"
        stage.job(job, "operators", requested_worker_selectors=[selector])
        expect(f"missing {operator}", job in stage.offers("operators"), matches)


def a_selector_that_expires_opens_the_job_to_others(stage):
    arena(stage, "expiring", LongestIdleMode(), {"expiring-a": {}})
    selector = RouterWorkerSelector(
        key="Id", label_operator="equal", value="somebody-else", expires_after_seconds=20
    )
    stage.job("expiring-1", "expiring", requested_worker_selectors=[selector])
    expect("before", stage.offers("expiring-a"), [])
    stage.pass_time(20)
    expect("after", stage.offers("expiring-a"), ["expiring-1"])
    job = stage.router.get_job("expiring-1")
    expect("status", job.requested_worker_selectors[0].status, "expired")
    stage.event("RouterJobWorkerSelectorsExpired", "job/expiring-1")


def priority_then_age_decides_and_an_expedited_selector_overtakes(stage):
    policy = DistributionPolicy(offer_expires_after_seconds=600, mode=LongestIdleMode())
    stage.admin.upsert_distribution_policy("order", policy)
    stage.queue("order", "order")
    expedited = RouterWorkerSelector(
        key="Id", label_operator="equal", value="order-a", expedite=True
    )
    stage.job("old", "order", priority=1)
    stage.job("new", "order", priority=1)
    stage.job("high", "order", priority=5)
    stage.job("quick", "order", priority=1, requested_worker_selectors=[expedited])
    stage.router.upsert_worker(
        "order-a",
        capacity=1,
        queues=["order"],
        channels=[RouterChannel(channel_id="voice", capacity_cost_per_job=1)],
        available_for_offers=True,
    )
    for job in ["quick", "high", "old", "new"]:
        expect("next", stage.offers("order-a"), [job])
        stage.finish(job, stage.accept("order-a", job))


play(
    __file__,
    [
        longest_idle_prefers_whoever_waits_longest,
        longest_idle_prefers_the_lower_load,
        round_robin_goes_by_id_and_begins_again,
        best_worker_scores_labels_and_selectors_by_default,
        best_worker_scores_by_an_expression,
        ascending_order_takes_the_lowest_score,
        a_function_scores,
        several_offers_at_a_time_end_with_the_first_accepted,
        bypassing_selectors_offers_to_whoever_is_there,
        every_operator_compares,
        a_selector_that_expires_opens_the_job_to_others,
        priority_then_age_decides_and_an_expedited_selector_overtakes,
    ],
)
