//! Lists: filters and pages.

use acs_router_engine::{
    Command, Cursor, JobFilter, JobStatusFilter, PageRequest, View, WorkerFilter,
};
use serde_json::json;

use crate::world::{World, at, simple_job};

const EVERYTHING: PageRequest = PageRequest {
    after: None,
    limit: 1_000,
};

fn job_ids(world: &World, filter: &JobFilter) -> Vec<String> {
    world
        .engine
        .jobs(filter, EVERYTHING)
        .items
        .iter()
        .map(|job| job.id().to_owned())
        .collect()
}

fn worker_ids(world: &World, filter: &WorkerFilter) -> Vec<String> {
    let workers = world.engine.workers(filter, EVERYTHING).items;
    workers
        .iter()
        .map(|worker| worker.id().to_owned())
        .collect()
}

fn pages(world: &mut World, limit: usize, mut between: impl FnMut(&mut World)) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = world
            .engine
            .jobs(&JobFilter::default(), PageRequest { after, limit });
        pages.push(page.items.iter().map(|job| job.id().to_owned()).collect());
        match page.next {
            Some(next) => after = Some(next.to_string().parse::<Cursor>().expect("a cursor")),
            None => return pages,
        }
        between(world);
    }
}

// R26
#[test]
fn lists_are_given_in_pages_with_the_newest_first() {
    let mut world = World::with_queue();
    assert_eq!(pages(&mut world, 2, |_| {}), [Vec::<String>::new()]);
    for id in ["b", "a", "d", "c"] {
        world.simple_job(id);
    }
    assert_eq!(
        pages(&mut world, 3, |_| {}),
        [vec!["c", "d", "a"], vec!["b"]]
    );
    assert_eq!(pages(&mut world, 4, |_| {}), [["c", "d", "a", "b"]]);
    assert_eq!(pages(&mut world, 0, |_| {}), [["c"], ["d"], ["a"], ["b"]]);
    let newest = world.engine.queues(EVERYTHING).items;
    assert_eq!(newest.iter().map(View::id).collect::<Vec<_>>(), ["q"]);
    assert_eq!(
        world.engine.distribution_policies(EVERYTHING).items[0].id(),
        "idle"
    );
}

// O20
#[test]
fn jobs_that_come_and_go_between_pages_make_no_other_repeat_or_vanish() {
    let mut world = World::with_queue();
    for number in 0..6 {
        world.simple_job(&format!("j{number}"));
    }
    let mut turn = 0;
    let listed = pages(&mut world, 2, |world| {
        world.simple_job(&format!("new{turn}"));
        let gone = ["j4", "j2"][turn.min(1)];
        if world.engine.job(gone).is_ok() {
            world.cancel(gone);
            world
                .run(Command::DeleteJob {
                    id: gone.to_owned(),
                })
                .expect("deleted");
        }
        turn += 1;
    });
    assert_eq!(
        listed,
        [vec!["j5", "j4"], vec!["j3", "j2"], vec!["j1", "j0"]]
    );
}

// R27, R28
#[test]
fn jobs_are_filtered_by_all_conditions_together() {
    let mut world = World::with_queue();
    world.queue("other", json!({"distributionPolicyId": "idle"}));
    world.simple_job("chat");
    world.job("voice", json!({"channelId": "voice", "queueId": "q"}));
    world.job(
        "elsewhere",
        json!({"channelId": "chat", "queueId": "other"}),
    );
    world.simple_job("cancelled");
    world.cancel("cancelled");
    let by = |status: &str, queue: Option<&str>, channel: Option<&str>| JobFilter {
        status: status.parse().expect("a status"),
        queue_id: queue.map(str::to_owned),
        channel_id: channel.map(str::to_owned),
        ..JobFilter::default()
    };
    assert_eq!(
        job_ids(&world, &by("all", None, None)),
        ["cancelled", "elsewhere", "voice", "chat"]
    );
    assert_eq!(
        job_ids(&world, &by("active", None, None)),
        ["elsewhere", "voice", "chat"]
    );
    assert_eq!(job_ids(&world, &by("cancelled", None, None)), ["cancelled"]);
    assert_eq!(
        job_ids(&world, &by("queued", Some("q"), None)),
        ["voice", "chat"]
    );
    assert_eq!(
        job_ids(&world, &by("active", Some("q"), Some("chat"))),
        ["chat"]
    );
    assert_eq!(
        job_ids(&world, &by("all", Some("nowhere"), None)),
        Vec::<String>::new()
    );
    let classified = JobFilter {
        classification_policy_id: Some("c".to_owned()),
        ..JobFilter::default()
    };
    assert_eq!(job_ids(&world, &classified), Vec::<String>::new());
}

// R27
#[test]
fn schedule_bounds_are_inclusive_and_take_scheduled_jobs_only() {
    let mut world = World::with_queue();
    world.simple_job("unscheduled");
    for (id, time) in [
        ("early", "2024-01-02T00:00:00Z"),
        ("late", "2024-01-03T00:00:00Z"),
    ] {
        let mut job = simple_job();
        job["matchingMode"] = json!({"kind": "scheduleAndSuspend", "scheduleAt": time});
        world.job(id, job);
    }
    let between = |start: Option<&str>, end: Option<&str>| JobFilter {
        scheduled_after: start.map(at),
        scheduled_before: end.map(at),
        ..JobFilter::default()
    };
    assert_eq!(
        job_ids(&world, &between(Some("2024-01-03T00:00:00Z"), None)),
        ["late"]
    );
    assert_eq!(
        job_ids(&world, &between(None, Some("2024-01-02T00:00:00Z"))),
        ["early"]
    );
    let both = between(Some("2024-01-02T00:00:00Z"), Some("2024-01-03T00:00:00Z"));
    assert_eq!(job_ids(&world, &both), ["late", "early"]);
}

// R29
#[test]
fn workers_are_filtered_by_state_queue_channel_and_free_slots() {
    let mut world = World::with_queue();
    world.worker(
        "inactive",
        json!({"capacity": 1, "channels": [{"channelId": "voice", "capacityCostPerJob": 1}]}),
    );
    world.simple_worker("busy");
    world.simple_job("j");
    world.accept("busy");
    world.simple_worker("free");
    world.simple_worker("draining");
    world.simple_job("k");
    world.accept("free");
    world.simple_job("l");
    world.accept("draining");
    world.worker("draining", json!({"availableForOffers": false}));
    world.complete("k");
    world.close("k");
    let by = |state: &str, queue: Option<&str>, channel: Option<&str>, has_capacity: bool| {
        WorkerFilter {
            state: WorkerFilter::state_named(state).expect("a state"),
            queue_id: queue.map(str::to_owned),
            channel_id: channel.map(str::to_owned),
            has_capacity,
        }
    };
    assert_eq!(
        worker_ids(&world, &by("all", None, None, false)),
        ["draining", "free", "busy", "inactive"]
    );
    assert_eq!(
        worker_ids(&world, &by("active", None, None, false)),
        ["free", "busy"]
    );
    assert_eq!(
        worker_ids(&world, &by("draining", None, None, false)),
        ["draining"]
    );
    assert_eq!(
        worker_ids(&world, &by("inactive", None, None, false)),
        ["inactive"]
    );
    assert_eq!(
        worker_ids(&world, &by("all", Some("q"), None, false)),
        ["draining", "free", "busy"]
    );
    assert_eq!(
        worker_ids(&world, &by("all", None, Some("voice"), false)),
        ["inactive"]
    );
    assert_eq!(
        worker_ids(&world, &by("all", None, None, true)),
        ["free", "inactive"]
    );
    assert_eq!(
        worker_ids(&world, &by("all", None, Some("chat"), true)),
        ["free"]
    );
}

#[test]
fn an_unknown_filter_value_is_refused_with_the_known_ones() {
    let error = "Queued".parse::<JobStatusFilter>().expect_err("unknown");
    assert!(
        error
            .to_string()
            .starts_with("\"Queued\" is none of all, active, pendingClassification"),
        "{error}"
    );
    let error = WorkerFilter::state_named("busy").expect_err("unknown");
    assert_eq!(
        error.to_string(),
        "\"busy\" is none of all, active, draining, inactive"
    );
    assert!("next".parse::<Cursor>().is_err());
}
