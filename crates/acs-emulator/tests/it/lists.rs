//! Paged lists over HTTP.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::caller::{Answer, Caller, start};

/// The path under `/routing` that a page's next link leads to.
fn next(page: &Answer) -> Option<String> {
    let link = page.body.get("nextLink")?.as_str().unwrap();
    Some(link.strip_prefix("/routing/").unwrap().to_owned())
}

fn ids(page: &Answer) -> Vec<String> {
    let items = page.body["value"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn all(caller: &Caller, first: &str) -> Vec<String> {
    let mut page = caller.get(first).await.expect(200);
    let mut found = ids(&page);
    while let Some(path) = next(&page) {
        page = caller.get(&path).await.expect(200);
        found.extend(ids(&page));
    }
    found
}

async fn create_jobs(caller: &Caller, range: std::ops::Range<usize>) {
    for number in range {
        caller
            .create_job(&format!("job-{number:03}"))
            .await
            .expect(201);
    }
}

// R24, R26
#[tokio::test]
async fn an_empty_list_has_no_items_and_no_next_link() {
    let (_emulator, caller) = start().await;
    for list in [
        "distributionPolicies",
        "exceptionPolicies",
        "queues",
        "workers",
        "jobs",
    ] {
        let page = caller.get(list).await.expect(200);
        assert_eq!(page.body, json!({ "value": [] }));
    }
}

// R24
#[tokio::test]
async fn items_are_the_entities_as_get_shows_them() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    caller.create_worker("w").await.expect(201);
    for (list, id) in [
        ("distributionPolicies", "p"),
        ("queues", "q"),
        ("workers", "w"),
        ("jobs", "j"),
    ] {
        let page = caller.get(list).await.expect(200);
        let entity = caller.get(&format!("{list}/{id}")).await.expect(200);
        assert_eq!(page.body["value"], json!([entity.body]));
    }
}

// R25
#[tokio::test]
async fn the_next_link_is_relative_and_holds_nothing_but_a_token_that_carries_size_and_filters() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    create_jobs(&caller, 0..7).await;
    caller.post("jobs/job-003:cancel").await.expect(200);

    let page = caller
        .get("jobs?maxpagesize=2&status=queued&queueId=q")
        .await
        .expect(200);
    assert_eq!(ids(&page).len(), 2);
    let link = page.body["nextLink"].as_str().unwrap();
    assert!(
        link.starts_with("/routing/jobs?continuationToken="),
        "{link}"
    );
    assert!(
        !link.contains('&') && !link.contains("maxpagesize"),
        "{link}"
    );
    let second = caller.get(&next(&page).unwrap()).await.expect(200);
    assert_eq!(ids(&second).len(), 2);

    let found = all(&caller, "jobs?maxpagesize=2&status=queued&queueId=q").await;
    let newest_first = [
        "job-006", "job-005", "job-004", "job-002", "job-001", "job-000",
    ];
    assert_eq!(found, newest_first);
}

// O20
#[tokio::test]
async fn paging_repeats_and_loses_nothing_while_entities_come_and_go() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    create_jobs(&caller, 0..20).await;
    let mut page = caller.get("jobs?maxpagesize=3").await.expect(200);
    let mut found = ids(&page);
    let mut created = 20;
    while let Some(path) = next(&page) {
        create_jobs(&caller, created..created + 2).await;
        created += 2;
        // Also what the token points at may go away.
        let last = found.last().unwrap();
        caller
            .post(&format!("jobs/{last}:cancel"))
            .await
            .expect(200);
        caller.delete(&format!("jobs/{last}")).await.expect(204);
        page = caller.get(&path).await.expect(200);
        found.extend(ids(&page));
    }
    let distinct: BTreeSet<_> = found.iter().cloned().collect();
    assert_eq!(
        distinct.len(),
        found.len(),
        "nothing is listed twice: {found:?}"
    );
    let at_the_start: BTreeSet<_> = (0..20).map(|number| format!("job-{number:03}")).collect();
    assert!(
        distinct.is_superset(&at_the_start),
        "nothing is lost: {found:?}"
    );
}

#[tokio::test]
async fn a_page_holds_100_items_by_default_and_1000_at_most() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    create_jobs(&caller, 0..1005).await;
    assert_eq!(ids(&caller.get("jobs").await.expect(200)).len(), 100);
    let largest = caller.get("jobs?maxpagesize=2147483647").await.expect(200);
    assert_eq!(ids(&largest).len(), 1000);
    assert_eq!(all(&caller, "jobs?maxpagesize=1000").await.len(), 1005);
}

// R27, R29
#[tokio::test]
async fn filters_combine() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    caller.create_worker("busy").await.expect(201);
    caller.create_job("offered").await.expect(201);
    let idle =
        json!({ "capacity": 1, "channels": [{ "channelId": "chat", "capacityCostPerJob": 1 }] });
    caller.patch("workers/idle", idle).await.expect(201);

    assert_eq!(all(&caller, "workers?state=active").await, ["busy"]);
    assert_eq!(
        all(&caller, "workers?state=inactive&channelId=chat").await,
        ["idle"]
    );
    assert_eq!(all(&caller, "workers?state=all").await, ["idle", "busy"]);
    assert_eq!(
        all(&caller, "workers?queueId=q&hasCapacity=true").await,
        [""; 0]
    );
    assert_eq!(all(&caller, "workers?hasCapacity=True").await, ["idle"]);
    assert_eq!(
        all(&caller, "workers?hasCapacity=false").await,
        ["idle", "busy"]
    );
    assert_eq!(
        all(&caller, "jobs?status=active&channelId=voice").await,
        ["offered"]
    );
    assert_eq!(all(&caller, "jobs?status=closed").await, [""; 0]);
    let past = "scheduledBefore=2020-01-01T00:00:00Z&scheduledAfter=2019-01-01T00:00:00%2B00:00";
    assert_eq!(all(&caller, &format!("jobs?{past}")).await, [""; 0]);
}

#[tokio::test]
async fn unusable_parameters_are_refused_by_name() {
    let (_emulator, caller) = start().await;
    for (path, name) in [
        ("jobs?maxpagesize=0", "maxpagesize"),
        ("jobs?maxpagesize=-1", "maxpagesize"),
        ("jobs?maxpagesize=many", "maxpagesize"),
        ("jobs?maxpagesize=99999999999", "maxpagesize"),
        ("jobs?status=sleeping", "status"),
        ("jobs?scheduledBefore=tomorrow", "scheduledBefore"),
        ("workers?state=sleeping", "state"),
        ("workers?hasCapacity=1", "hasCapacity"),
        ("jobs?continuationToken=bm9uc2Vuc2U%3D", "continuationToken"),
        ("jobs?continuationToken=***", "continuationToken"),
        ("jobs?status=queued&status=closed", "status"),
    ] {
        let answer = caller.get(path).await;
        assert!(
            answer.detail().contains(&format!("`{name}`")),
            "{path}: {}",
            answer.detail()
        );
    }
}

#[tokio::test]
async fn the_token_of_one_list_is_no_token_of_another() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    create_jobs(&caller, 0..2).await;
    let page = caller.get("jobs?maxpagesize=1").await.expect(200);
    let elsewhere = next(&page).unwrap().replacen("jobs", "workers", 1);
    let answer = caller.get(&elsewhere).await;
    assert!(
        answer.detail().contains("follow `nextLink` unchanged"),
        "{}",
        answer.detail()
    );
    assert_eq!(answer.error().get("value"), None::<&Value>);
}
