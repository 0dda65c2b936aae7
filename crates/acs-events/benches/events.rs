//! Reading router events, as a ratio to `serde_json::Value` over the same bytes. Run by `cargo xtask bench events`.
//!
//! The events are the samples of the tests with names and ids that make them as long as those of a real contact center. Rounds
//! alternate, so that whatever else the machine does hits both sides; what counts is the ratio within a pair of rounds.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use acs_events::{Envelope, Event};
use cpu_time::ProcessTime;
use serde_json::Value;

const EVENTS: usize = 1_000;
const ROUNDS_OVER_THEM: usize = 20;
const PAIRS_OF_ROUNDS: usize = 15;

fn main() {
    let events = events();
    let bytes: usize = events.iter().map(String::len).sum();
    println!("{EVENTS} events of {} bytes on average", bytes / EVENTS);
    println!(
        "{:28} {:>10} {:>8} {:>17} {:>10}",
        "", "MB/s", "ratio", "lowest, highest", "Value MB/s"
    );
    let value = |text: &str| drop(black_box(serde_json::from_str::<Value>(text)));
    report("typed events", bytes, &events, &value, &|text| {
        drop(black_box(Event::read(text)));
    });
    report("envelope only, borrowed", bytes, &events, &value, &|text| {
        drop(black_box(Envelope::read(text)));
    });
}

/// Each sample that is JSON, over and over, on one line as senders write it.
fn events() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/samples");
    let mut samples: Vec<Value> = std::fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).ok())
        .filter_map(|text| serde_json::from_str(&text).ok())
        .collect();
    samples.sort_by_key(|sample| sample["id"].to_string());
    (0..EVENTS)
        .map(|number| {
            let mut sample = samples[number % samples.len()].clone();
            sample["id"] = long_id(number).into();
            for (name, value) in sample["data"].as_object_mut().into_iter().flatten() {
                // Ids that nobody chose are as long as this one.
                if name.ends_with("Id") && value != "" {
                    *value = long_id(number + name.len()).into();
                }
            }
            let text = sample.to_string();
            Event::read(&text).expect("a sample is an event");
            text
        })
        .collect()
}

fn long_id(number: usize) -> String {
    format!("{number:08}-0c7e-4ad2-9a55-27d2c1f6b0aa")
}

fn report(name: &str, bytes: usize, events: &[String], value: &dyn Fn(&str), ours: &dyn Fn(&str)) {
    round(events, value);
    round(events, ours);
    let mut ratios = Vec::new();
    let (mut best_value, mut best_ours) = (Duration::MAX, Duration::MAX);
    for _ in 0..PAIRS_OF_ROUNDS {
        let (by_value, by_us) = (round(events, value), round(events, ours));
        ratios.push(by_value.as_secs_f64() / by_us.as_secs_f64());
        best_value = best_value.min(by_value);
        best_ours = best_ours.min(by_us);
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "{name:28} {:>10.0} {:>8.2} {:>8.2}, {:>7.2} {:>10.0}",
        rate(bytes, best_ours),
        ratios[ratios.len() / 2],
        ratios[0],
        ratios[ratios.len() - 1],
        rate(bytes, best_value),
    );
}

fn rate(bytes: usize, time: Duration) -> f64 {
    let total = u32::try_from(bytes * ROUNDS_OVER_THEM).expect("some megabytes");
    f64::from(total) / time.as_secs_f64() / 1e6
}

fn round(events: &[String], read: &dyn Fn(&str)) -> Duration {
    let start = ProcessTime::now();
    for _ in 0..ROUNDS_OVER_THEM {
        for text in events {
            read(text);
        }
    }
    start.elapsed()
}
