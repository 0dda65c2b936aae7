//! The engine seen from outside: commands in, answers, events and views out.

mod reference;
mod steps;
mod world;

mod asked_scores;
mod bad_input;
mod best_worker;
mod classification;
mod classification_policies;
mod deadlines;
mod dry_runs;
mod events;
mod exception_classification;
mod exception_loops;
mod exception_policies;
mod exceptions;
mod explain;
mod job_life;
mod lifetime;
mod lists;
mod matching;
mod offers;
mod random_commands;
mod rare_values;
mod readme;
mod reclassification;
mod rule_calls;
mod statistics;
mod unassign;
mod upserts;
mod work;
mod workers;

use proptest::prelude::ProptestConfig;

/// How random tests run: this often, unless the environment's `PROPTEST_CASES` says how often.
fn random(usual_cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok();
    let asked = asked.and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(usual_cases),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
