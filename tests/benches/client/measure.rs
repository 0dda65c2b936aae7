//! CPU time of pairs of rounds, and their ratio.

use std::error::Error;
use std::time::Duration;

use cpu_time::ProcessTime;
use futures_util::StreamExt as _;

const PAIRS_OF_ROUNDS: usize = 9;

/// What is measured.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) what: &'static str,
    pub(crate) times_a_round: u32,
    pub(crate) at_a_time: usize,
}

/// CPU of one time in each round of a pair.
struct Pair {
    by_hand: Duration,
    client: Duration,
}

impl Pair {
    fn ratio(&self) -> f64 {
        self.client.as_secs_f64() / self.by_hand.as_secs_f64()
    }
}

/// Runs both in turns, so that whatever else the machine does hits both, and prints the medians.
pub(crate) async fn compare<H, C>(
    plan: Plan,
    by_hand: impl Fn() -> H,
    client: impl Fn() -> C,
) -> Result<(), Box<dyn Error>>
where
    H: Future<Output = Result<(), Box<dyn Error>>>,
    C: Future<Output = Result<(), Box<dyn Error>>>,
{
    if !is_wanted(plan.what) {
        return Ok(());
    }
    let warm_up = Plan {
        times_a_round: plan.times_a_round.div_ceil(3),
        ..plan
    };
    round(warm_up, &by_hand).await?;
    round(warm_up, &client).await?;
    let mut pairs = Vec::with_capacity(PAIRS_OF_ROUNDS);
    for _ in 0..PAIRS_OF_ROUNDS {
        pairs.push(Pair {
            by_hand: round(plan, &by_hand).await?,
            client: round(plan, &client).await?,
        });
    }
    report(plan, &pairs);
    Ok(())
}

/// An argument chooses what is measured by a part of its name, as it chooses tests.
fn is_wanted(what: &str) -> bool {
    std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'))
        .is_none_or(|part| what.contains(&part))
}

async fn round<F>(plan: Plan, act: impl Fn() -> F) -> Result<Duration, Box<dyn Error>>
where
    F: Future<Output = Result<(), Box<dyn Error>>>,
{
    let start = ProcessTime::now();
    let mut ends = futures_util::stream::iter(0..plan.times_a_round)
        .map(|_| act())
        .buffer_unordered(plan.at_a_time);
    while let Some(end) = ends.next().await {
        end?;
    }
    Ok(start.elapsed() / plan.times_a_round)
}

pub(crate) fn report_head() {
    println!(
        "{:24} {:>14} {:>14} {:>8} {:>17}   ({PAIRS_OF_ROUNDS} pairs of rounds)",
        "CPU time of one", "by hand", "client", "ratio", "lowest, highest"
    );
}

fn report(plan: Plan, pairs: &[Pair]) {
    let microseconds = |duration: fn(&Pair) -> Duration| {
        median(pairs.iter().map(|pair| duration(pair).as_secs_f64() * 1e6))
    };
    let ratios = || pairs.iter().map(Pair::ratio);
    println!(
        "{:24} {:>11.1} us {:>11.1} us {:>8.3} {:>8.3} {:>8.3}",
        plan.what,
        microseconds(|pair| pair.by_hand),
        microseconds(|pair| pair.client),
        median(ratios()),
        ratios().fold(f64::INFINITY, f64::min),
        ratios().fold(0.0, f64::max),
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
