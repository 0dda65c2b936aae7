//! What exception policies need to know of the jobs they watch.

use std::collections::BTreeSet;
use std::sync::Arc;

use acs_types::Timestamp;

use crate::deadlines::DeadlineKey;
use crate::entities::ExceptionPolicyDefinition;
use crate::ids::Id;
use crate::table::JobKey;
use crate::time::Seconds;

/// How often rules may move one job from queue to queue at one and the same time. Rules that send a job round in a
/// circle would go on for ever otherwise (R103).
const MOST_MOVES: u32 = 10;

/// A job that was added to a queue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrival {
    pub(crate) job: JobKey,
    pub(crate) queue: Id,
    /// How many jobs the queue held before.
    pub(crate) ahead: usize,
}

/// What exception rules have done to a job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exceptions {
    /// The rules that have fired since it was added to its queue: none fires twice.
    fired: Vec<Arc<str>>,
    last_fired: Timestamp,
    /// How often it has moved since a rule first fired at that time.
    moves: u32,
}

impl Exceptions {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            fired: Vec::new(),
            last_fired: now,
            moves: 0,
        }
    }

    pub(crate) fn has_fired(&self, rule: &str) -> bool {
        self.fired.iter().any(|fired| **fired == *rule)
    }

    pub(crate) fn fire(&mut self, rule: &Arc<str>, now: Timestamp) {
        self.fired.push(rule.clone());
        if self.last_fired != now {
            self.last_fired = now;
            self.moves = 0;
        }
    }

    /// The job was added to another queue: each of its rules may fire.
    pub(crate) fn start_stay(&mut self, now: Timestamp) {
        self.fired.clear();
        if self.last_fired == now {
            self.moves += 1;
        }
    }

    pub(crate) fn forget_fired(&mut self) {
        self.fired.clear();
    }

    pub(crate) fn may_move(&self) -> bool {
        self.moves < MOST_MOVES
    }
}

/// The rules of a queue's exception policy that look at waits, each with the jobs that it has not fired for.
///
/// One deadline serves all of them: that of the job whose time comes next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WaitWatch {
    rules: Vec<WaitRule>,
    pub(crate) deadline: Option<DeadlineKey>,
}

#[derive(Clone, Debug, PartialEq)]
struct WaitRule {
    id: Arc<str>,
    longest_wait: Seconds,
    /// By the time they were queued, so that the first is the next.
    pending: BTreeSet<(Timestamp, JobKey)>,
}

/// A job for which a rule is to fire.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DueWait {
    pub(crate) at: Timestamp,
    pub(crate) rule: Arc<str>,
    pub(crate) job: JobKey,
}

impl WaitWatch {
    /// Watches for the rules of a policy that look at waits; `None` if it has none.
    pub(crate) fn of(policy: &ExceptionPolicyDefinition) -> Option<Self> {
        let rules = policy.rules.iter().filter_map(|rule| {
            Some(WaitRule {
                id: rule.id.clone(),
                longest_wait: rule.longest_wait()?,
                pending: BTreeSet::new(),
            })
        });
        let rules: Vec<_> = rules.collect();
        (!rules.is_empty()).then_some(Self {
            rules,
            deadline: None,
        })
    }

    /// Watches a job, for the rules that have not fired for it.
    pub(crate) fn add(
        &mut self,
        enqueued_at: Timestamp,
        job: JobKey,
        exceptions: Option<&Exceptions>,
    ) {
        for rule in &mut self.rules {
            if !exceptions.is_some_and(|exceptions| exceptions.has_fired(&rule.id)) {
                rule.pending.insert((enqueued_at, job));
            }
        }
    }

    pub(crate) fn remove(&mut self, enqueued_at: Timestamp, job: JobKey) {
        for rule in &mut self.rules {
            rule.pending.remove(&(enqueued_at, job));
        }
    }

    /// The rule has fired for the job.
    pub(crate) fn remove_from(&mut self, rule: &str, enqueued_at: Timestamp, job: JobKey) {
        for watched in self.rules.iter_mut().filter(|watched| *watched.id == *rule) {
            watched.pending.remove(&(enqueued_at, job));
        }
    }

    /// Takes what is due next, if its time has come.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<DueWait> {
        let due = self.next().filter(|due| due.at <= now)?;
        let mut rules = self.rules.iter_mut();
        rules.find(|rule| rule.id == due.rule)?.pending.pop_first();
        Some(due)
    }

    /// What is due next; of several at the same time, what the policy lists first.
    pub(crate) fn next(&self) -> Option<DueWait> {
        let next = self.rules.iter().filter_map(|rule| {
            let (enqueued_at, job) = *rule.pending.first()?;
            Some(DueWait {
                at: rule.longest_wait.after(enqueued_at)?,
                rule: rule.id.clone(),
                job,
            })
        });
        next.min_by_key(|due| due.at)
    }
}
