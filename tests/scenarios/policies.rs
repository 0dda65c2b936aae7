//! Jobs that policies classify, and jobs that policies do not let wait.

use acs_jobrouter::{
    CancelExceptionAction, ConditionalWorkerSelectorAttachment, ExceptionRule,
    ExpressionRouterRule, JobPatch, LabelOperator, ManualReclassifyExceptionAction,
    NewClassificationPolicy, NewExceptionPolicy, NewJob, NewQueue,
    PassThroughQueueSelectorAttachment, PatchMap, QueueLengthExceptionTrigger, Result, RouterJob,
    RouterJobStatus, RouterWorkerSelector,
};

use std::time::Duration;

use crate::target::{Stage, eventually, on_each_target};

const LONG: Duration = Duration::from_secs(600);

/// A queue for each language, and a policy that chooses between them; French is the fallback.
async fn languages(stage: &Stage) -> Result<[String; 2]> {
    let admin = stage.client.admin();
    let general = stage.queue(LONG).await?;
    let policy = admin.get_queue(&general).await?.into_inner();
    let distribution = policy.distribution_policy_id.unwrap_or_default();
    let queues = [stage.id("en"), stage.id("fr")];
    for (queue, language) in queues.iter().zip(["en", "fr"]) {
        // Live resources have queues of other stories, which must not match.
        let draft = NewQueue::with_distribution_policy(&distribution)
            .label("Story", stage.id("story"))
            .label("Language", language);
        admin.upsert_queue(queue, draft).await?;
    }
    let skilled = RouterWorkerSelector::new("Skill", LabelOperator::GreaterThan).value(5);
    let draft = NewClassificationPolicy::new()
        .queue_selectors(PassThroughQueueSelectorAttachment::new(
            "Language",
            LabelOperator::Equal,
        ))
        .queue_selectors(PassThroughQueueSelectorAttachment::new(
            "Story",
            LabelOperator::Equal,
        ))
        .fallback_queue(&queues[1])
        .prioritization_rule(ExpressionRouterRule::new("If(job.Vip = true, 10, 1)"))
        .worker_selectors(ConditionalWorkerSelectorAttachment::new(
            ExpressionRouterRule::new("job.Vip = true"),
            [skilled],
        ));
    let policy = stage.id("languages");
    admin.upsert_classification_policy(policy, draft).await?;
    Ok(queues)
}

/// A job of this story that the policy classifies.
fn draft(stage: &Stage, language: &str) -> NewJob {
    NewJob::classified("voice", stage.id("languages"))
        .label("Story", stage.id("story"))
        .label("Language", language)
}

async fn queued(stage: &Stage, job: &str) -> Result<RouterJob> {
    let waited = stage
        .client
        .wait_for_job_status(job, RouterJobStatus::Queued);
    waited.await
}

#[tokio::test]
async fn a_policy_chooses_queue_priority_and_needs_by_the_labels() {
    on_each_target("classified", |stage| async move {
        let [english, french] = languages(&stage).await?;
        let (plain, vip) = (stage.id("plain"), stage.id("vip"));
        stage.client.upsert_job(&plain, draft(&stage, "en")).await?;
        let important = draft(&stage, "de").label("Vip", true);
        let created = stage.client.upsert_job(&vip, important).await?;
        assert_eq!(created.status, Some(RouterJobStatus::PendingClassification));

        let plain = queued(&stage, &plain).await?;
        assert_eq!(plain.queue_id, Some(english));
        assert_eq!(plain.priority, Some(1));
        assert!(plain.attached_worker_selectors.is_empty());

        let vip = queued(&stage, &vip).await?;
        assert_eq!(vip.queue_id, Some(french), "no queue speaks German");
        assert_eq!(vip.priority, Some(10));
        assert_eq!(vip.attached_worker_selectors.len(), 1);
        assert_eq!(vip.attached_worker_selectors[0].key, "Skill");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn new_labels_and_reclassify_run_the_policy_again() {
    on_each_target("reclassified", |stage| async move {
        let [english, french] = languages(&stage).await?;
        let job = stage.id("job");
        let client = &stage.client;
        client.upsert_job(&job, draft(&stage, "en")).await?;
        let before = queued(&stage, &job).await?;
        assert_eq!(before.queue_id, Some(english));

        let now_french = JobPatch {
            labels: PatchMap::new().set("Language", "fr").into(),
            ..JobPatch::default()
        };
        client.upsert_job(&job, now_french).await?;
        let moved = eventually(async || {
            let job = queued(&stage, &job).await?;
            Ok((job.queue_id.as_ref() == Some(&french)).then_some(job))
        });
        assert_eq!(moved.await?.enqueued_at, before.enqueued_at);

        client.reclassify_job(&job).await?;
        assert_eq!(queued(&stage, &job).await?.queue_id, Some(french));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_cancels_what_comes_or_sends_it_elsewhere() {
    on_each_target("overflow", |stage| async move {
        let client = &stage.client;
        let admin = client.admin();
        let elsewhere = stage.queue(LONG).await?;
        let distribution = admin.get_queue(&elsewhere).await?.into_inner();
        let distribution = distribution.distribution_policy_id.unwrap_or_default();
        let send_on = ExceptionRule::new(
            "send-on",
            QueueLengthExceptionTrigger::new(1),
            [ManualReclassifyExceptionAction::new()
                .queue_id(&elsewhere)
                .priority(7)],
        );
        let give_up = ExceptionRule::new(
            "give-up",
            QueueLengthExceptionTrigger::new(1),
            [CancelExceptionAction::new().disposition_code("Full")],
        );
        for (name, rule) in [("send-on", send_on), ("give-up", give_up)] {
            let (policy, queue) = (stage.id(name), stage.id(&format!("{name}-queue")));
            let draft = NewExceptionPolicy::with_rule(rule);
            admin.upsert_exception_policy(&policy, draft).await?;
            let draft = NewQueue::with_distribution_policy(&distribution).exception_policy(&policy);
            admin.upsert_queue(&queue, draft).await?;

            let first = stage.id(&format!("{name}-first"));
            client
                .upsert_job(&first, NewJob::in_queue("voice", &queue))
                .await?;
            assert_eq!(queued(&stage, &first).await?.queue_id, Some(queue.clone()));
            let second = stage.id(&format!("{name}-second"));
            client
                .upsert_job(&second, NewJob::in_queue("voice", &queue))
                .await?;
        }

        let sent_on = stage.id("send-on-second");
        let sent_on = eventually(async || {
            let job = client.get_job(&sent_on).await?.into_inner();
            Ok((job.queue_id.as_ref() == Some(&elsewhere)).then_some(job))
        });
        assert_eq!(sent_on.await?.priority, Some(7));
        let given_up = client
            .wait_for_job_status(stage.id("give-up-second"), RouterJobStatus::Cancelled)
            .await?;
        assert_eq!(given_up.disposition_code.as_deref(), Some("Full"));
        Ok(())
    })
    .await;
}
