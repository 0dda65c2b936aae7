//! What a command costs while many jobs wait: `cargo bench -p acs-router-engine [-- JOBS...]`.
//!
//! 100 queues, 10,000 workers, 200 selector sets, 5 labels a job, one job in ten expedited; everything follows from fixed
//! numbers. Prints the median and the 99th percentile of each command in microseconds of CPU time, and the memory of a
//! queued job.

use std::collections::BTreeMap;

use acs_router_engine::{
    Answer, CloseOptions, Command, CompleteOptions, Condition, Engine, Outcome,
};
use acs_types::Timestamp;
use cpu_time::ThreadTime;
use serde_json::{Map, Value, json};

const QUEUES: usize = 100;
const WORKERS: usize = 10_000;
const SELECTOR_SETS: usize = 200;
const CYCLES: usize = 5_000;
const TICKS_PER_COMMAND: i128 = 10_000_000;

struct Bench {
    engine: Engine,
    nanos: i128,
    random: u64,
    /// Nanoseconds that each kind of command took.
    taken: BTreeMap<&'static str, Vec<u128>>,
    pairs: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --all-targets` starts benches too; only `cargo bench` says so.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let mut sizes: Vec<usize> = arguments
        .iter()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000, 100_000];
    }
    for jobs in sizes {
        let mut bench = Bench::new();
        bench.fill(jobs);
        bench.run_cycles(jobs);
        bench.report();
    }
}

impl Bench {
    fn new() -> Self {
        let engine = Engine::new(1);
        Self {
            engine,
            nanos: 1_700_000_000_000_000_000,
            random: 1,
            taken: BTreeMap::new(),
            pairs: 0,
        }
    }

    fn random(&mut self, below: usize) -> usize {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % below
    }

    fn apply(&mut self, name: &'static str, command: Command) -> Outcome {
        self.nanos += TICKS_PER_COMMAND;
        let now = Timestamp::from_unix_nanos(self.nanos).expect("a time");
        let start = ThreadTime::now();
        let outcome = self.engine.apply(now, command);
        let taken = start.elapsed().as_nanos();
        assert!(outcome.answer.is_ok(), "{:?}", outcome.answer);
        self.taken.entry(name).or_default().push(taken);
        self.pairs += outcome.pairs_examined;
        outcome
    }

    /// Policies, queues, busy workers, and jobs that wait.
    fn fill(&mut self, jobs: usize) {
        let mode = json!({"kind": "longestIdle"});
        self.apply(
            "setup",
            upsert_policy(json!({"offerExpiresAfterSeconds": 1e8, "mode": mode})),
        );
        for queue in 0..QUEUES {
            self.apply("setup", upsert_queue(queue));
        }
        for worker in 0..WORKERS {
            let patch = self.worker();
            self.apply("setup", upsert_worker(worker, patch));
        }
        let before = resident_bytes();
        for job in 0..jobs {
            let patch = self.job();
            self.apply("setup", upsert_job(job, patch));
        }
        let grown = resident_bytes().saturating_sub(before);
        println!(
            "{jobs} jobs: {} bytes of memory for each, offers included",
            grown / jobs
        );
    }

    fn worker(&mut self) -> Map<String, Value> {
        let queues: Vec<_> = (0..3)
            .map(|_| format!("queue-{}", self.random(QUEUES)))
            .collect();
        object(json!({
            "capacity": 2,
            "queues": queues,
            "channels": [
                {"channelId": "chat", "capacityCostPerJob": 1},
                {"channelId": "voice", "capacityCostPerJob": 2},
            ],
            "labels": {"Skill": self.random(SELECTOR_SETS / 2), "Level": self.random(20), "Team": "blue"},
            "availableForOffers": true,
        }))
    }

    fn job(&mut self) -> Map<String, Value> {
        let set = self.random(SELECTOR_SETS);
        let expedite = self.random(10) == 0;
        object(json!({
            "channelId": if self.random(4) == 0 { "voice" } else { "chat" },
            "queueId": format!("queue-{}", self.random(QUEUES)),
            "priority": self.random(5),
            "labels": {"Locale": "en", "Segment": "Enterprise", "Token": set, "Vip": false, "Score": 0.5},
            "requestedWorkerSelectors": [
                {"key": "Skill", "labelOperator": "equal", "value": set / 2},
                {"key": "Level", "labelOperator": "greaterThan", "value": set % 2 * 10, "expedite": expedite},
            ],
        }))
    }

    /// Creates jobs, and has workers come, serve the jobs they are offered, and go.
    fn run_cycles(&mut self, jobs: usize) {
        self.pairs = 0;
        for cycle in 0..CYCLES {
            let patch = self.job();
            self.apply("create job", upsert_job(jobs + cycle, patch));
            let patch = self.worker();
            self.apply("register worker", upsert_worker(WORKERS + cycle, patch));
            let Some((offer, job)) = self.offer_of(WORKERS + cycle) else {
                continue;
            };
            self.serve(&format!("worker-{}", WORKERS + cycle), offer, job);
        }
    }

    fn serve(&mut self, worker_id: &str, offer_id: String, job_id: String) {
        let accept = Command::AcceptOffer {
            worker_id: worker_id.to_owned(),
            offer_id,
        };
        let Ok(Answer::Accepted(accepted)) = self.apply("accept offer", accept).answer else {
            panic!("the offer is open");
        };
        let assignment_id = accepted.assignment_id.to_string();
        self.apply(
            "complete job",
            Command::CompleteJob {
                job_id: job_id.clone(),
                assignment_id: assignment_id.clone(),
                options: CompleteOptions::default(),
            },
        );
        self.apply(
            "close job",
            Command::CloseJob {
                job_id,
                assignment_id,
                options: CloseOptions::default(),
            },
        );
    }

    fn offer_of(&self, worker: usize) -> Option<(String, String)> {
        let worker = json!(self.engine.worker(&format!("worker-{worker}")).ok()?);
        let offer = worker["offers"].get(0)?;
        Some((
            offer["offerId"].as_str()?.to_owned(),
            offer["jobId"].as_str()?.to_owned(),
        ))
    }

    fn report(&mut self) {
        let commands: usize = self
            .taken
            .iter()
            .filter(|(name, _)| **name != "setup")
            .map(|(_, all)| all.len())
            .sum();
        println!("  {} pairs examined by {commands} commands", self.pairs);
        for (name, taken) in &mut self.taken {
            taken.sort_unstable();
            let micros = |part: usize| taken[taken.len() * part / 100] as f64 / 1_000.0;
            println!(
                "  {name:<16} median {:>7.1} us, 99th percentile {:>8.1} us",
                micros(50),
                micros(99)
            );
        }
    }
}

fn object(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn upsert_policy(patch: Value) -> Command {
    Command::UpsertDistributionPolicy {
        id: "policy".to_owned(),
        patch: object(patch),
        condition: Condition::default(),
    }
}

fn upsert_queue(queue: usize) -> Command {
    Command::UpsertQueue {
        id: format!("queue-{queue}"),
        patch: object(json!({"distributionPolicyId": "policy"})),
        condition: Condition::default(),
    }
}

fn upsert_worker(worker: usize, patch: Map<String, Value>) -> Command {
    Command::UpsertWorker {
        id: format!("worker-{worker}"),
        patch,
        condition: Condition::default(),
    }
}

fn upsert_job(job: usize, patch: Map<String, Value>) -> Command {
    Command::UpsertJob {
        id: format!("8f1df17b-570b-4ae5-9cf5-{job:012}"),
        patch,
        condition: Condition::default(),
    }
}

/// The memory of this process that is in use; 0 where the system does not tell.
fn resident_bytes() -> usize {
    const PAGE: usize = 4_096;
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = pages
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok());
    resident.unwrap_or(0) * PAGE
}
