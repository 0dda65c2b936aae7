//! Settling: after a change, offers are issued until no affected job or worker can have one more.

use std::collections::{BTreeSet, VecDeque};
use std::mem;

use super::score::{Scorer, best_first};
use super::{FreeWorkers, Guard, JobOrder, Rank, Reason, SelectorSet, waiting_jobs::Seeker};
use crate::engine::Engine;
use crate::entities::{Job, Queue, Standing, Strategy, Worker};
use crate::exceptions::Arrival;
use crate::ids::Id;
use crate::table::{JobKey, WorkerKey};

/// What a change has affected and settling has not looked at yet. Empty between commands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Unsettled {
    /// Jobs that are about to be queued, scheduled or classified; the answer still shows them as they are before.
    pub(crate) new_jobs: Vec<JobKey>,
    /// Jobs that have come into a queue with exception rules.
    pub(crate) arrivals: VecDeque<Arrival>,
    /// Jobs that may find a worker now.
    jobs: BTreeSet<JobKey>,
    /// Workers that may get a job now.
    workers: BTreeSet<WorkerKey>,
}

/// Who wants a job to be offered: the job itself, looking for any worker, or one free worker, for which it is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Proposer {
    Job,
    Worker(WorkerKey),
}

impl Proposer {
    fn worker(&self) -> Option<WorkerKey> {
        match self {
            Self::Job => None,
            Self::Worker(worker) => Some(*worker),
        }
    }
}

impl Engine {
    /// Has settling look for workers for this job.
    pub(crate) fn wake_job(&mut self, job: JobKey) {
        self.unsettled.jobs.insert(job);
    }

    /// Has settling look for jobs for this worker.
    pub(crate) fn wake_worker(&mut self, worker: WorkerKey) {
        self.unsettled.workers.insert(worker);
    }

    /// Lets everything follow from what has changed.
    pub(crate) fn settle(&mut self) {
        // Starting a job can send another one back to its start, and exception rules can send one elsewhere: all that
        // comes before anyone is offered a job.
        loop {
            for job in mem::take(&mut self.unsettled.new_jobs) {
                self.start_job(job);
            }
            if let Some(arrival) = self.unsettled.arrivals.pop_front() {
                self.meet_exception_rules(&arrival);
            } else if self.unsettled.new_jobs.is_empty() {
                break;
            }
        }
        self.match_unsettled();
    }

    /// Serves jobs in their order, each to the best workers for it.
    ///
    /// A worker proposes only the first job it could get. As the first proposal of all is taken at each step, every free
    /// worker that could get that job has proposed it too, unless the job itself is awake and looks through its lane.
    fn match_unsettled(&mut self) {
        let mut proposals = self.first_proposals();
        while let Some((order, _)) = proposals.first().copied() {
            let workers = take_proposers(&mut proposals, order);
            self.offer_to_best(order.job, &workers);
            for worker in workers.iter().filter_map(Proposer::worker) {
                proposals.extend(self.proposal_of(worker));
            }
        }
    }

    fn first_proposals(&mut self) -> BTreeSet<(JobOrder, Proposer)> {
        let jobs = mem::take(&mut self.unsettled.jobs).into_iter();
        let mut proposals: BTreeSet<_> = jobs
            .filter_map(|job| self.waiting_order(job))
            .map(|order| (order, Proposer::Job))
            .collect();
        for worker in mem::take(&mut self.unsettled.workers) {
            proposals.extend(self.proposal_of(worker));
        }
        proposals
    }

    fn waiting_order(&self, key: JobKey) -> Option<JobOrder> {
        let job = self.jobs.get(key)?;
        (job.standing == Standing::Waiting).then(|| self.order_of(key, job))?
    }

    /// The first job in any of the worker's lanes that it could get.
    fn proposal_of(&mut self, key: WorkerKey) -> Option<(JobOrder, Proposer)> {
        let worker = self.workers.get(key)?;
        let mut examined = 0;
        let mut best = None;
        for (queue_id, channel_id) in &worker.listing.lanes {
            let queue = self.queues.named(queue_id);
            let Some(lane) = queue.lanes.get(channel_id) else {
                continue;
            };
            let mut search = Search {
                engine: self,
                bypass: self.bypasses_selectors(queue),
                key,
                worker,
                examined: &mut examined,
            };
            best = lane.waiting.first_for(&mut search, best).or(best);
        }
        self.journal.pairs_examined += examined;
        best.map(|order| (order, Proposer::Worker(key)))
    }

    /// Offers the job to the best of those who may get it, as often as it may have one more offer.
    fn offer_to_best(&mut self, key: JobKey, proposers: &[Proposer]) {
        let job = &self.jobs[key];
        if job.standing != Standing::Waiting {
            return;
        }
        let queue = self.queue_of(job);
        let room = self
            .distribution_policy_of(queue)
            .definition
            .mode
            .offers_at_once()
            .saturating_sub(job.offers.len());
        let asks = self.scoring_of(job).needs_calls();
        let candidates = if proposers.contains(&Proposer::Job) {
            // Which of them are the best shows only when all have their scores.
            self.candidates_in_lane(key, if asks { usize::MAX } else { room })
        } else {
            // Those that have found another job since are not free any more.
            self.ranked(queue, job, proposers.iter().filter_map(Proposer::worker))
        };
        let candidates = if asks {
            self.by_asked_scores(key, candidates).unwrap_or_default()
        } else {
            candidates
        };
        for worker in candidates.into_iter().take(room) {
            self.issue_offer(key, worker);
        }
    }

    /// The best workers of the job's lane that may get it.
    fn candidates_in_lane(&mut self, key: JobKey, count: usize) -> Vec<WorkerKey> {
        let job = &self.jobs[key];
        let queue = self.queue_of(job);
        let Some(lane) = queue.lanes.get(&job.definition.channel_id) else {
            return Vec::new();
        };
        let set = job.selectors.map(|key| self.selector_sets.get(key));
        let set = set.filter(|_| !self.bypasses_selectors(queue));
        let mut examined = 0;
        let eligible = |worker_key: &WorkerKey| {
            examined += 1;
            let worker = &self.workers[*worker_key];
            set.is_none_or(|set| set.holds_for(&worker.definition.labels))
                && may_get(key, job, *worker_key, worker)
        };
        let guarded = set.and_then(|set| queue.fewest_with(&set.guards));
        let candidates = match guarded.filter(|guarded| guarded.len() < lane.free.len()) {
            Some(guarded) => {
                let found: Vec<_> = guarded.iter().copied().filter(eligible).collect();
                let mut found = self.ranked(queue, job, found);
                found.truncate(count);
                found
            }
            None => {
                let in_turn = lane.free.in_turn(queue.last_offered.as_ref());
                let found = in_turn.filter(eligible);
                if lane.free.strategy == Strategy::BestWorker {
                    let mut found = found.collect();
                    self.sort_by_score(queue, job, &mut found);
                    found.truncate(count);
                    found
                } else {
                    found.take(count).collect()
                }
            }
        };
        self.journal.pairs_examined += examined;
        candidates
    }

    /// Those of the workers that are free in the job's lane, the best first.
    fn ranked(
        &self,
        queue: &Queue,
        job: &Job,
        workers: impl IntoIterator<Item = WorkerKey>,
    ) -> Vec<WorkerKey> {
        let strategy = self.distribution_policy_of(queue).definition.mode.strategy;
        let mut ranks: Vec<Rank> = workers
            .into_iter()
            .map(|key| (key, &self.workers[key]))
            .filter(|(_, worker)| is_listed(worker, &queue.id, &job.definition.channel_id))
            .map(|(key, worker)| Rank::new(strategy, key, &worker.id, &worker.listing))
            .collect();
        FreeWorkers::sort(&mut ranks, queue.last_offered.as_ref());
        let mut ranked = ranks.iter().map(Rank::worker).collect();
        if strategy == Strategy::BestWorker {
            self.sort_by_score(queue, job, &mut ranked);
        }
        ranked
    }

    /// Puts the best worker for the job first; workers with equal scores stay in their order.
    fn sort_by_score(&self, queue: &Queue, job: &Job, workers: &mut Vec<WorkerKey>) {
        let scoring = &self.distribution_policy_of(queue).definition.mode.scoring;
        let mut scorer = Scorer::new(scoring, job);
        let mut scored: Vec<_> = workers
            .iter()
            .map(|key| (scorer.score(&self.workers[*key].definition.labels), *key))
            .collect();
        let descending = scoring.is_descending();
        scored.sort_by(|(left, _), (right, _)| best_first(*left, *right, descending));
        *workers = scored.into_iter().map(|(_, key)| key).collect();
    }
}

/// Whether nothing between this job and this worker forbids an offer: none is open, and no decline counts.
fn may_get(job_key: JobKey, job: &Job, worker_key: WorkerKey, worker: &Worker) -> bool {
    Reason::declined(job, worker_key, worker).is_none() && worker.offer_of(job_key).is_none()
}

fn take_proposers(
    proposals: &mut BTreeSet<(JobOrder, Proposer)>,
    order: JobOrder,
) -> Vec<Proposer> {
    let mut proposers = Vec::new();
    while let Some((first, proposer)) = proposals.first().copied()
        && first == order
    {
        proposals.pop_first();
        proposers.push(proposer);
    }
    proposers
}

fn is_listed(worker: &Worker, queue: &Id, channel: &Id) -> bool {
    let mut lanes = worker.listing.lanes.iter();
    lanes.any(|(listed, on_channel)| listed == queue && on_channel == channel)
}

/// A free worker's search through a lane.
struct Search<'a> {
    engine: &'a Engine,
    bypass: bool,
    key: WorkerKey,
    worker: &'a Worker,
    examined: &'a mut u64,
}

impl Seeker for Search<'_> {
    fn guards(&self) -> Option<&[Guard]> {
        (!self.bypass).then_some(&*self.worker.guards)
    }

    fn meets(&mut self, set: &SelectorSet) -> bool {
        *self.examined += 1;
        self.bypass || set.holds_for(&self.worker.definition.labels)
    }

    fn may_get(&mut self, job: JobKey) -> bool {
        *self.examined += 1;
        let key = job;
        let job = &self.engine.jobs[key];
        may_get(key, job, self.key, self.worker)
            && !self.engine.waits_for_scores(job, self.key, self.worker)
    }
}
