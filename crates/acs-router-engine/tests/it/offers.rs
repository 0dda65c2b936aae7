//! Offers: issued, accepted, declined, expired, revoked.

use acs_router_engine::{DeclineOptions, RefusalKind};
use serde_json::json;

use crate::world::{World, accept_offer, at, decline_offer, simple_job, simple_worker};

const NONE: [String; 0] = [];

fn retry_at(text: &str) -> DeclineOptions {
    DeclineOptions {
        retry_offer_at: Some(at(text)),
    }
}

// R80
#[test]
fn a_declined_job_goes_to_the_next_worker_and_not_back_until_the_decliner_registers_anew() {
    let mut world = World::with_queue();
    world.simple_worker("first");
    world.simple_job("j");
    world.decline("first", DeclineOptions::default());
    assert_eq!(world.offered("first"), NONE);
    world.wait(1.0);
    world.simple_worker("second");
    assert_eq!(world.offered("second"), ["j"]);
    world.decline("second", DeclineOptions::default());
    world.wait(3600.0);
    assert_eq!(
        (world.offered("first"), world.offered("second")),
        (NONE.into(), NONE.into())
    );

    world.worker("first", json!({"availableForOffers": true}));
    assert_eq!(
        world.offered("first"),
        NONE,
        "it was registered all the time"
    );
    world.worker("first", json!({"availableForOffers": false}));
    world.worker("first", json!({"availableForOffers": true}));
    assert_eq!(world.offered("first"), ["j"]);
    assert_eq!(world.offered("second"), NONE);
}

// R80
#[test]
fn a_decline_with_retry_time_counts_until_then() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    world.simple_job("j");
    world.decline("w", retry_at("2024-01-01T12:00:30Z"));
    assert_eq!(world.due_soon(), Some(at("2024-01-01T12:00:30Z")));
    world.wait(29.0);
    assert_eq!(world.offered("w"), NONE);
    world.wait(2.0);
    assert_eq!(world.offered("w"), ["j"]);
    assert_eq!(
        world.read_worker("w")["offers"][0]["offeredAt"],
        "2024-01-01T12:00:30+00:00"
    );
}

// R80
#[test]
fn a_retry_time_does_not_keep_the_job_from_others() {
    let mut world = World::with_queue();
    world.simple_worker("a");
    world.wait(1.0);
    world.simple_worker("b");
    world.simple_job("j");
    world.decline("a", retry_at("2024-01-01T12:30:00Z"));
    assert_eq!(world.offered("b"), ["j"]);
    world.accept("b");
    world.complete("j");
    world.close("j");
    assert_eq!(world.due_soon(), None, "a finished job needs no retry");
}

// O14
#[test]
fn a_retry_time_in_the_past_excludes_nobody() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    world.simple_job("j");
    let declined = world.newest_offer("w");
    world.decline("w", retry_at("2024-01-01T11:00:00Z"));
    assert_eq!(world.offered("w"), ["j"]);
    assert_ne!(world.newest_offer("w"), declined);
}

// R81
#[test]
fn an_expired_offer_deregisters_its_worker_and_the_job_goes_on() {
    let mut world = World::with_queue();
    world.simple_worker("sleepy");
    world.wait(1.0);
    world.simple_worker("awake");
    world.simple_job("j");
    assert_eq!(world.offered("sleepy"), ["j"]);
    world.wait(59.0);
    assert_eq!(world.state("sleepy"), "active");
    world.wait(2.0);
    let sleepy = world.read_worker("sleepy");
    assert_eq!(
        (&sleepy["state"], &sleepy["availableForOffers"]),
        (&json!("inactive"), &json!(false))
    );
    assert_eq!(sleepy["offers"], json!([]));
    let offer = &world.read_worker("awake")["offers"][0];
    assert_eq!(offer["jobId"], "j");
    assert_eq!(
        offer["offeredAt"], "2024-01-01T12:01:01+00:00",
        "at the time of the expiry"
    );
}

// R81, R82
#[test]
fn with_the_expiry_the_workers_other_offers_are_revoked_and_assignments_drain() {
    let mut world = World::with_queue();
    let mut worker = simple_worker();
    worker["capacity"] = json!(3);
    world.worker("w", worker);
    world.simple_job("kept");
    world.accept("w");
    world.simple_job("expires");
    world.wait(30.0);
    world.simple_job("revoked");
    assert_eq!(world.offered("w"), ["revoked", "expires"]);
    world.wait(31.0);
    assert_eq!(world.state("w"), "draining");
    assert_eq!(world.offered("w"), NONE);
    assert_eq!(world.status("revoked"), "queued");
    world.complete("kept");
    world.close("kept");
    assert_eq!(world.state("w"), "inactive");
    assert_eq!(world.due_soon(), None);
}

#[test]
fn without_a_lifetime_in_the_policy_offers_last_as_long_as_their_jobs() {
    let mut world = World::empty();
    world.policy("p", json!({"mode": {"kind": "longestIdle"}}));
    world.queue("q", json!({"distributionPolicyId": "p"}));
    world.simple_worker("w");
    world.simple_job("j");
    assert_eq!(world.read_worker("w")["offers"][0].get("expiresAt"), None);
    world.wait(89.0 * 24.0 * 60.0 * 60.0);
    assert_eq!(world.offered("w"), ["j"]);
}

// R70, R77
#[test]
fn a_job_is_offered_to_as_many_workers_as_the_policy_says_and_the_first_to_accept_gets_it() {
    let mut world = World::with_mode(
        json!({"kind": "longestIdle", "minConcurrentOffers": 1, "maxConcurrentOffers": 2}),
    );
    for worker in ["a", "b", "c"] {
        world.simple_worker(worker);
        world.wait(1.0);
    }
    world.simple_job("j");
    assert_eq!(
        (world.offered("a"), world.offered("b"), world.offered("c")),
        (vec!["j".to_owned()], vec!["j".to_owned()], vec![])
    );
    assert_eq!(world.status("j"), "queued", "R79");
    let lost = world.newest_offer("a");
    world.accept("b");
    assert_eq!(world.offered("a"), NONE);
    world.assert_refused(accept_offer("a", &lost), RefusalKind::NotFound);
    world.simple_job("next");
    assert_eq!(
        (world.offered("a"), world.offered("c")),
        (vec!["next".to_owned()], vec!["next".to_owned()])
    );
}

// R78, R11
#[test]
fn an_offer_that_is_not_there_is_not_found() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    world.simple_worker("other");
    world.simple_job("j");
    let offer = world.newest_offer("w");
    let unknown = "00000000-0000-4000-8000-000000000000";
    for (worker, offer) in [
        ("w", unknown),
        ("w", "nonsense"),
        ("other", &*offer),
        ("nobody", &*offer),
    ] {
        let refusal = world.assert_refused(accept_offer(worker, offer), RefusalKind::NotFound);
        assert_eq!(
            refusal.message,
            format!("Offer not found. OfferId: '{offer}', WorkerId: '{worker}'")
        );
        let decline = decline_offer(worker, offer, DeclineOptions::default());
        world.assert_refused(decline, RefusalKind::NotFound);
    }
    world.accept("w");
    world.assert_refused(accept_offer("w", &offer), RefusalKind::NotFound);
}

#[test]
fn an_offer_id_is_read_in_either_letter_case() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    world.simple_job("j");
    let offer = world.newest_offer("w").to_uppercase();
    world.run(accept_offer("w", &offer)).expect("accepted");
}

// O16
#[test]
fn a_changed_lifetime_counts_for_new_offers_only() {
    let mut world = World::with_queue();
    let mut worker = simple_worker();
    worker["capacity"] = json!(2);
    world.worker("w", worker);
    world.simple_job("old");
    world.policy("idle", json!({"offerExpiresAfterSeconds": 5.5}));
    world.simple_job("new");
    let offers = &world.read_worker("w")["offers"];
    assert_eq!(offers[0]["expiresAt"], "2024-01-01T12:00:05.5+00:00");
    assert_eq!(offers[1]["expiresAt"], "2024-01-01T12:01:00+00:00");
}

// R82, O7
#[test]
fn moving_a_job_to_another_queue_revokes_its_offers_and_keeps_its_age() {
    let mut world = World::with_queue();
    world.queue("other", json!({"distributionPolicyId": "idle"}));
    world.simple_worker("w");
    world.simple_job("j");
    world.wait(1.0);
    let moved = world.job("j", json!({"queueId": "other"}));
    assert_eq!(
        (&moved["status"], &moved["enqueuedAt"]),
        (&json!("queued"), &json!("2024-01-01T12:00:00+00:00"))
    );
    assert_eq!(world.offered("w"), NONE);
    world.worker("w", json!({"queues": ["other"]}));
    assert_eq!(world.offered("w"), ["j"]);
}

// R82: the same for the channel.
#[test]
fn moving_a_job_to_another_channel_revokes_its_offers() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    world.simple_job("j");
    world.job("j", json!({"channelId": "voice"}));
    assert_eq!(world.offered("w"), NONE);
    let voice = json!([{"channelId": "voice", "capacityCostPerJob": 1}]);
    world.worker("w", json!({ "channels": voice }));
    assert_eq!(world.offered("w"), ["j"]);
}

// R82
#[test]
fn new_selectors_revoke_only_the_offers_that_fail_them() {
    let mut world = World::with_mode(json!({"kind": "longestIdle", "maxConcurrentOffers": 2}));
    for (id, level) in [("low", 1), ("high", 9)] {
        let mut worker = simple_worker();
        worker["labels"] = json!({"Level": level});
        world.worker(id, worker);
    }
    world.simple_job("j");
    let kept = world.newest_offer("high");
    world.job("j", json!({"requestedWorkerSelectors": [{"key": "Level", "labelOperator": "greaterThan", "value": 5}]}));
    assert_eq!(world.offered("low"), NONE);
    assert_eq!(world.newest_offer("high"), kept);
    world.job("j", json!({"requestedWorkerSelectors": []}));
    assert_eq!(world.offered("low"), ["j"]);
}

// O18
#[test]
fn the_newest_offer_of_a_worker_comes_first() {
    let mut world = World::with_queue();
    let mut worker = simple_worker();
    worker["capacity"] = json!(3);
    world.worker("w", worker);
    for job in ["a", "b", "c"] {
        world.job(job, simple_job());
    }
    assert_eq!(world.offered("w"), ["c", "b", "a"]);
}
