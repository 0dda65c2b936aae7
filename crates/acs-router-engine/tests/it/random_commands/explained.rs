//! Explanations say what was really offered, and why nothing else was.

use acs_router_engine::{Engine, PairExplanation, Reason};

use super::pairs::{in_order, may_get};
use super::promises::Promises;
use super::shown::Job;

/// Looks at every pair of a queued job and a worker.
pub(super) fn assert_right(engine: &Engine, promises: &Promises) {
    let shown = &promises.shown;
    for (job_id, job) in in_order(shown, &promises.memory) {
        let explanation = engine.explain_job(job_id, usize::MAX).expect("a job");
        let workers = explanation.workers().expect("a queued job");
        let listing = shown.workers.values();
        let listing = listing.filter(|worker| worker.queues.iter().any(|id| id == job.queue()));
        assert_eq!(workers.count(), listing.count());
        assert_eq!(workers.count(), workers.explained().len());
        assert_eq!(workers.count(), workers.by_reason().values().sum::<usize>());
        for pair in workers.explained() {
            assert_pair(pair, job, promises);
        }
        for worker in shown.workers.keys() {
            let pair = engine.explain_pair(job_id, worker).expect("both exist");
            let mut explained = workers.explained().iter();
            match explained.find(|other| other.worker_id() == worker) {
                Some(same) => assert_eq!(pair, *same),
                None => assert_eq!(pair.reason().name(), "queueNotListed"),
            }
        }
    }
    for worker in shown.workers.keys() {
        let explanation = engine.explain_worker(worker, usize::MAX).expect("a worker");
        for pair in explanation.jobs().explained() {
            let same = engine.explain_pair(pair.job_id(), worker);
            assert_eq!(same.as_ref(), Ok(pair));
        }
    }
}

fn assert_pair(pair: &PairExplanation<'_>, job: &Job, promises: &Promises) {
    let shown = &promises.shown;
    let worker = &shown.workers[pair.worker_id()];
    let holds = worker.holds_offer_of(pair.job_id());
    let may = may_get(
        (pair.job_id(), job),
        (pair.worker_id(), worker),
        shown,
        &promises.memory,
    );
    let (expected_to_hold, expected_to_be_able) = match pair.reason() {
        Reason::Offered { .. } => (true, false),
        Reason::JobOfferLimit { .. } | Reason::ScoresAwaited { .. } => (false, true),
        Reason::Nothing => panic!("it could have been offered: {pair:?}"),
        _ => (false, false),
    };
    assert_eq!(
        (holds, may),
        (expected_to_hold, expected_to_be_able),
        "{pair:?}"
    );
}
