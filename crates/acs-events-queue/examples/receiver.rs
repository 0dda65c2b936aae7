//! A program that receives, for the tests that run several of them and kill some.
//!
//! Arguments: a connection string, a queue, and the id of an event that takes for ever. It prints the id of each event that it
//! handles, ends when its input does, and prints how many messages it deleted.

use std::io::Read as _;
use std::time::Duration;

use acs_events::Event;
use acs_events_queue::{Outcome, Queue, Receiver};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().ok_or("an argument is missing");
    let (connection_string, queue, endless) = (argument()?, argument()?, argument()?);
    let receiver = Receiver::builder(Queue::from_connection_string(&connection_string, &queue)?)
        .hidden_for(Duration::from_secs(2))
        .pause(Duration::from_millis(20))
        .build();
    let input_ends = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let summary = receiver
        .run(async { drop(input_ends.await) }, move |event: Event| {
            let is_endless = event.id() == endless;
            async move {
                if is_endless {
                    std::future::pending::<()>().await;
                }
                println!("{}", event.id());
                Outcome::Done
            }
        })
        .await;
    println!("deleted {}", summary.deleted);
    Ok(())
}
