//! What a command costs while many jobs wait: `cargo xtask bench engine`.
//!
//! 100 queues, 10,000 workers, 200 selector sets, 5 labels a job, one job in ten expedited; everything follows from fixed
//! numbers. All workers are busy, so that the jobs wait; then jobs and workers come, and each of these workers that gets an
//! offer serves it and stays. Prints, as a table, the median and the 99th percentile of each command in microseconds of CPU time,
//! and the memory of a queued job.
//!
//! The second table is the worst case: no two jobs have the same selectors, and no selector asks for one value, by which a
//! search could pass over jobs.
//!
//! Last, how long 10,000 timers take that are spread over a day, when nobody has looked before the day is over.
//!
//! `cargo bench -p acs-router-engine -- 50000` measures other numbers of jobs, with `worst` in the worst case only, and with
//! `timers` the timers only.

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
/// A tenth of them in the worst case.
const CYCLES: usize = 5_000;
/// The argument that asks for one row.
const ROW: &str = "row";
/// The measured commands, as columns.
const COMMANDS: [&str; 5] = [
    "create job",
    "register worker",
    "accept offer",
    "complete job",
    "close job",
];
const NANOS_PER_COMMAND: i128 = 10_000_000;
const TIMERS: u16 = 10_000;
const HOUR: i128 = 60 * 60 * 1_000_000_000;

/// How alike the demands of jobs are.
#[derive(Clone, Copy, PartialEq)]
enum Demands {
    /// Jobs share 200 selector sets, each with a selector for one value.
    Shared,
    /// No two jobs have the same selectors, and none is for one value.
    Distinct,
}

struct Bench {
    engine: Engine,
    demands: Demands,
    nanos: i128,
    random: u64,
    jobs: usize,
    workers: usize,
    /// Nanoseconds that each kind of command took.
    taken: BTreeMap<&'static str, Vec<u128>>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --all-targets` starts benches too; only `cargo bench` says so.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let [_, ROW, demands, jobs, ..] = words[..] {
        return print_row(demands, jobs);
    }
    if words.contains(&"timers") {
        return print_timers();
    }
    let sizes = arguments
        .iter()
        .filter_map(|argument| argument.parse().ok());
    let sizes: Vec<usize> = sizes.collect();
    let worst_only = arguments.iter().any(|argument| argument == "worst");
    if !worst_only {
        println!("\nJobs share {SELECTOR_SETS} selector sets:\n");
        let usual = [1_000, 10_000, 100_000, 1_000_000];
        table(
            Demands::Shared,
            if sizes.is_empty() { &usual } else { &sizes },
        );
    }
    if worst_only || sizes.is_empty() {
        println!("\nNo two jobs have the same selectors, and none asks for one value:\n");
        let usual = [1_000, 10_000, 100_000];
        table(
            Demands::Distinct,
            if sizes.is_empty() { &usual } else { &sizes },
        );
    }
    if sizes.is_empty() && !worst_only {
        print_timers();
    }
}

/// Schedules jobs all over a day and lets it pass in one go.
fn print_timers() {
    let mut bench = Bench::new(Demands::Shared);
    bench.apply(
        "setup",
        upsert_policy(json!({"mode": {"kind": "longestIdle"}})),
    );
    bench.apply("setup", upsert_queue(0));
    let begin = bench.nanos + HOUR;
    for timer in 0..TIMERS {
        // Not in the order of their times.
        let part = i128::from(timer) * 7_919 % i128::from(TIMERS);
        let at = Timestamp::from_unix_nanos(begin + 24 * HOUR * part / i128::from(TIMERS));
        let job = json!({
            "channelId": "chat",
            "queueId": "queue-0",
            "matchingMode": {"kind": "scheduleAndSuspend", "scheduleAt": at},
        });
        bench.create_job("setup", object(job));
    }
    bench.nanos = begin + 24 * HOUR;
    let passed = bench.apply("a day", Command::Tick).events.len();
    let millis = bench.taken["a day"][0] / 1_000_000;
    println!("\n{passed} timers spread over a day pass in {millis} ms.");
}

/// Measures each size in a process of its own, so that no row counts the memory of another.
fn table(demands: Demands, sizes: &[usize]) {
    println!("| jobs | {} | pairs | bytes a job |", COMMANDS.join(" | "));
    println!("| ---: |{}", " ---: |".repeat(COMMANDS.len() + 2));
    for jobs in sizes {
        let program = std::env::current_exe().expect("this program");
        let mut row = std::process::Command::new(program);
        let demands = match demands {
            Demands::Shared => "shared",
            Demands::Distinct => "distinct",
        };
        row.args([ROW, demands, &jobs.to_string(), "--bench"]);
        assert!(row.status().expect("a row").success());
    }
}

fn print_row(demands: &str, jobs: &str) {
    let mut bench = Bench::new(match demands {
        "distinct" => Demands::Distinct,
        _ => Demands::Shared,
    });
    bench.occupy_workers();
    let bytes = bench.fill(jobs.parse().expect("a number of jobs"));
    let pairs = bench.run_cycles();
    println!(
        "| {jobs} | {} | {pairs:.0} | {bytes} |",
        bench.cells().join(" | ")
    );
}

impl Bench {
    fn new(demands: Demands) -> Self {
        Self {
            engine: Engine::new(1),
            demands,
            nanos: 1_700_000_000_000_000_000,
            random: 1,
            jobs: 0,
            workers: 0,
            taken: BTreeMap::new(),
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
        self.nanos += NANOS_PER_COMMAND;
        let now = Timestamp::from_unix_nanos(self.nanos).expect("a time");
        let start = ThreadTime::now();
        let outcome = self.engine.apply(now, command);
        let taken = start.elapsed().as_nanos();
        assert!(outcome.answer.is_ok(), "{:?}", outcome.answer);
        self.taken.entry(name).or_default().push(taken);
        outcome
    }

    /// Policies, queues, and workers that have as much to do as they can.
    fn occupy_workers(&mut self) {
        let mode = json!({"kind": "longestIdle"});
        self.apply(
            "setup",
            upsert_policy(json!({"offerExpiresAfterSeconds": 1e8, "mode": mode})),
        );
        for queue in 0..QUEUES {
            self.apply("setup", upsert_queue(queue));
        }
        for _ in 0..WORKERS {
            let patch = self.worker();
            let queue = patch["queues"][0].clone();
            let worker = self.register("setup", patch);
            let id = format!("worker-{worker}");
            self.create_job("setup", object(json!({
                "channelId": "voice",
                "queueId": queue,
                "requestedWorkerSelectors": [{"key": "Id", "labelOperator": "equal", "value": id}],
            })));
            let (offer, _) = self.offer_of(worker).expect("a job of its own");
            self.accept("setup", &id, offer);
        }
    }

    /// Jobs that wait. Gives the memory that each takes.
    fn fill(&mut self, jobs: usize) -> usize {
        let before = resident_bytes();
        for _ in 0..jobs {
            let patch = self.job();
            self.create_job("setup", patch);
        }
        resident_bytes().saturating_sub(before) / jobs
    }

    fn create_job(&mut self, name: &'static str, patch: Map<String, Value>) -> u64 {
        self.jobs += 1;
        self.apply(name, upsert_job(self.jobs, patch))
            .pairs_examined
    }

    fn register(&mut self, name: &'static str, patch: Map<String, Value>) -> usize {
        self.workers += 1;
        self.apply(name, upsert_worker(self.workers, patch));
        self.workers
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
        let (skill, level) = (set / 2, set % 2 * 10);
        let level = json!({
            "key": "Level", "labelOperator": "greaterThan", "value": level, "expedite": expedite,
        });
        let selectors = match self.demands {
            Demands::Shared => json!([
                {"key": "Skill", "labelOperator": "equal", "value": skill},
                level,
            ]),
            Demands::Distinct => json!([
                {"key": "Skill", "labelOperator": "greaterThanOrEqual", "value": skill},
                {"key": "Skill", "labelOperator": "lessThanOrEqual", "value": skill},
                {"key": "Skill", "labelOperator": "notEqual", "value": SELECTOR_SETS + self.jobs},
                level,
            ]),
        };
        object(json!({
            "channelId": if self.random(4) == 0 { "voice" } else { "chat" },
            "queueId": format!("queue-{}", self.random(QUEUES)),
            "priority": self.random(5),
            "labels": {"Locale": "en", "Segment": "Enterprise", "Token": set, "Vip": false, "Score": 0.5},
            "requestedWorkerSelectors": selectors,
        }))
    }

    /// Jobs and workers come; a worker with an offer serves it. Gives the pairs that a command looked at, on average.
    fn run_cycles(&mut self) -> f64 {
        let cycles = match self.demands {
            Demands::Shared => CYCLES,
            Demands::Distinct => CYCLES / 10,
        };
        let mut pairs = 0;
        for _ in 0..cycles {
            let patch = self.job();
            pairs += self.create_job("create job", patch);
            let patch = self.worker();
            self.workers += 1;
            let worker = self.workers;
            pairs += self
                .apply("register worker", upsert_worker(worker, patch))
                .pairs_examined;
            if let Some((offer, job)) = self.offer_of(worker) {
                self.serve(&format!("worker-{worker}"), offer, job);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "an average to look at")]
        let average = pairs as f64 / (2 * cycles) as f64;
        average
    }

    fn accept(&mut self, name: &'static str, worker_id: &str, offer_id: String) -> String {
        let accept = Command::AcceptOffer {
            worker_id: worker_id.to_owned(),
            offer_id,
        };
        let Ok(Answer::Accepted(accepted)) = self.apply(name, accept).answer else {
            panic!("the offer is open");
        };
        accepted.assignment_id.to_string()
    }

    fn serve(&mut self, worker_id: &str, offer_id: String, job_id: String) {
        let assignment_id = self.accept("accept offer", worker_id, offer_id);
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

    /// Median and 99th percentile of each command, in microseconds.
    fn cells(&mut self) -> Vec<String> {
        let cell = |command: &&'static str| {
            let taken = self.taken.entry(command).or_default();
            taken.sort_unstable();
            if taken.is_empty() {
                return "none".to_owned();
            }
            #[expect(clippy::cast_precision_loss, reason = "microseconds to look at")]
            let micros = |part: usize| taken[taken.len() * part / 100] as f64 / 1_000.0;
            format!("{:.1} / {:.1}", micros(50), micros(99))
        };
        COMMANDS.iter().map(cell).collect()
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
