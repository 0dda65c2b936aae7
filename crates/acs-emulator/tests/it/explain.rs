//! Explanations over HTTP.

use serde_json::{Value, json};

use crate::caller::{Answer, Caller, start};

async fn explain(caller: &Caller, path: &str) -> Answer {
    let target = format!("/_emulator/explain/{path}");
    caller.raw("GET", &target).send_unsigned().await
}

/// A queue with a job, a worker that has it offered and one that is busy.
async fn with_offer() -> (acs_emulator::RunningEmulator, Caller) {
    let (emulator, caller) = start().await;
    caller.create_queue().await;
    for job in ["first", "second"] {
        caller.create_job(job).await.expect(201);
    }
    for worker in ["a", "b"] {
        caller.create_worker(worker).await.expect(201);
    }
    (emulator, caller)
}

#[tokio::test]
async fn a_job_is_explained_with_every_worker_of_its_queue() {
    let (_emulator, caller) = with_offer().await;
    let answer = explain(&caller, "jobs/second").await.expect(200).body;
    assert_eq!(answer["queued"]["position"], 2);
    let workers = &answer["queued"]["workers"];
    assert_eq!(
        workers["byReason"],
        json!({ "offered": 1, "noCapacity": 1 })
    );
    let pairs = workers["explained"].as_array().unwrap();
    let pairs: Vec<_> = pairs.iter().map(|pair| &pair["workerId"]).collect();
    assert_eq!(pairs, ["b", "a"]);
    let busy = explain(&caller, "jobs/second?workerId=a").await.expect(200);
    assert_eq!(busy.body["busyWith"], json!(["first"]));
    let few = explain(&caller, "jobs/second?limit=0").await.expect(200);
    let few = &few.body["queued"]["workers"];
    assert_eq!((&few["count"], &few["explained"]), (&json!(2), &json!([])));
}

#[tokio::test]
async fn a_worker_is_explained_with_the_jobs_of_its_queues() {
    let (_emulator, caller) = with_offer().await;
    let answer = explain(&caller, "workers/a").await.expect(200).body;
    let jobs: Vec<(&Value, &Value)> = answer["jobs"]["explained"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (&pair["jobId"], &pair["reason"]))
        .collect();
    assert_eq!(
        jobs,
        [
            (&json!("first"), &json!("offered")),
            (&json!("second"), &json!("noCapacity"))
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_explained_is_refused_with_the_reason() {
    let (_emulator, caller) = with_offer().await;
    explain(&caller, "jobs/none").await.expect(404);
    explain(&caller, "workers/none").await.expect(404);
    explain(&caller, "jobs/first?workerId=none")
        .await
        .expect(404);
    for limit in ["1001", "-1", "many"] {
        let refused = explain(&caller, &format!("workers/a?limit={limit}")).await;
        let refused = refused.expect(400);
        let message = refused.error()["message"].as_str().unwrap();
        assert!(refused.body.to_string().contains("`limit`"), "{message}");
    }
    caller.post("jobs/first:cancel").await.expect(200);
    let refused = explain(&caller, "jobs/first?workerId=a").await.expect(400);
    assert_eq!(refused.error()["details"][0]["code"], "JobNotQueued");
}
