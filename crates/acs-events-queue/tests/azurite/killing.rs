//! Receivers as programs of their own: killed at the worst moments, and several on one queue.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use acs_events_queue::{Outcome, Queue};
use axum::http::Method;

use crate::azurite::{Azurite, assert_empty, fill, ids, quick, wait_for};
use crate::gate::Gate;

/// A running receiver. It is killed when dropped.
struct Program(Child);

impl Program {
    /// Starts a receiver; the event with the id `endless` takes for ever.
    fn start(connection_string: &str, queue: &Queue, endless: &str) -> Self {
        let this = std::env::current_exe().expect("a test is a program");
        let built = this.parent().and_then(Path::parent).expect("target folder");
        let process = Command::new(built.join("examples/receiver"))
            .args([connection_string, queue.name(), endless])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect(
                "the example `receiver`, which `cargo test` builds unless some tests are chosen",
            );
        Self(process)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Takes what appears again, checks that it is this one message for the second time, and finishes it.
async fn expect_again(queue: &Queue, message: &str, id: Option<&str>) {
    let mut again = wait_for(&quick(queue).build(), 1).await;
    let again = again.remove(0);
    assert_eq!((again.id(), again.dequeue_count()), (message, 2));
    if let Some(id) = id {
        assert_eq!(ids(std::slice::from_ref(&again)), [id]);
    }
    again
        .process(|_| async { Outcome::Done })
        .await
        .expect("settled");
    assert_empty(queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_killed_between_success_and_delete_leaves_exactly_that_message() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    fill(&queue, 0..3).await;
    let mut gate = Gate::start(&azurite, Method::DELETE, 2).await;
    let program = Program::start(gate.connection_string(), &queue, "none");
    let (deleted, kept) = gate.until_kept(2).await;
    drop(program);
    assert!(!deleted.contains(&kept), "{deleted:?} {kept:?}");
    expect_again(&queue, &kept, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_killed_while_it_renews_gives_exactly_that_message_to_the_next() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    fill(&queue, 0..3).await;
    // The first renewal is made; the program is killed in the middle of the second.
    let mut gate = Gate::start(&azurite, Method::PUT, 1).await;
    let program = Program::start(gate.connection_string(), &queue, "1");
    let (renewed, kept) = gate.until_kept(1).await;
    drop(program);
    assert_eq!(renewed, [kept.as_str()]);
    expect_again(&queue, &kept, Some("1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_programs_share_a_queue_without_loss_or_repetition() {
    const COUNT: usize = 90;
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    let (sender, printed) = std::sync::mpsc::channel();
    let mut programs: Vec<_> = (0..3)
        .map(|_| Program::start(azurite.connection_string(), &queue, "none"))
        .collect();
    let readers: Vec<_> = programs
        .iter_mut()
        .map(|program| {
            let output = program.0.stdout.take().expect("piped");
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines() {
                    sender.send(line.expect("text")).expect("the test reads");
                }
            })
        })
        .collect();
    drop(sender);
    fill(&queue, 0..COUNT).await;
    let handled: Vec<_> = printed.iter().take(COUNT).collect();
    let distinct: BTreeSet<_> = handled.iter().collect();
    assert_eq!(distinct.len(), COUNT, "{handled:?}");
    for program in &mut programs {
        drop(program.0.stdin.take());
    }
    for reader in readers {
        reader.join().expect("no panic");
    }
    let counts = printed.iter().map(|line| {
        let count = line
            .strip_prefix("deleted ")
            .expect("nothing is handled twice");
        count.parse::<usize>().expect("a number")
    });
    assert_eq!(counts.sum::<usize>(), COUNT);
    assert_empty(&queue).await;
}
