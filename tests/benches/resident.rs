//! Memory of a small program that uses the client, on Linux. Run by `cargo xtask bench client`.
//!
//! The service is a stub in this process; each load is a process of its own that tells the most memory it had resident.
//! What is linked counts as well, so there is nothing in here that such a program would not have.

use std::process::Command;

use acs_jobrouter::JobRouterClient;
use acs_test_support::{RawRequest, RawServer, Reaction};
use futures_util::{StreamExt as _, TryStreamExt as _};

const JOB: &str = include_str!("job.json");
const JOBS_A_PAGE: usize = 100;
const AT_A_TIME: usize = 32;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.as_slice() {
        [_, load, address, count] => put(load, address, count.parse()?).await,
        _ => report().await,
    }
}

async fn put(load: &str, connection_string: &str, count: usize) -> Outcome {
    let client = JobRouterClient::from_connection_string(connection_string)?;
    match load {
        "calls" => call(&client, count).await?,
        "list" => list(&client, count).await?,
        _ => return Err(format!("there is no load {load}").into()),
    }
    println!("{}", highest_resident()?);
    Ok(())
}

async fn call(client: &JobRouterClient, calls: usize) -> Outcome {
    let mut answers = futures_util::stream::iter(0..calls)
        .map(|_| client.get_job("job-1").into_future())
        .buffer_unordered(AT_A_TIME);
    while answers.try_next().await?.is_some() {}
    Ok(())
}

async fn list(client: &JobRouterClient, jobs: usize) -> Outcome {
    let pages = (jobs / JOBS_A_PAGE).to_string();
    let listed = client.list_jobs().queue(pages).into_stream();
    let count = listed.try_fold(0, async |count, _| Ok(count + 1)).await?;
    if count != jobs {
        return Err(format!("{count} of {jobs} jobs came").into());
    }
    Ok(())
}

/// In kB.
fn highest_resident() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmHWM")?.parse()?)
}

/// Measures each load in a process of its own.
async fn report() -> Outcome {
    if !cfg!(target_os = "linux") {
        println!("Memory is measured on Linux only");
        return Ok(());
    }
    let page = vec![JOB.trim(); JOBS_A_PAGE].join(",");
    let stub = RawServer::react(move |request| answer(request, &page)).await;
    println!("Highest resident memory");
    for (what, load, count) in [
        ("10,000 calls, 32 at a time", "calls", "10000"),
        ("list of 10,000 jobs", "list", "10000"),
        ("list of 1,000,000 jobs", "list", "1000000"),
    ] {
        let arguments = [load, &stub.connection_string(), count].map(str::to_owned);
        let output = tokio::task::spawn_blocking(|| {
            let program = std::env::current_exe()?;
            Command::new(program).args(arguments).output()
        });
        let output = output.await??;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let kilobytes: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
        println!("{what:27} {:>6.2} MB", kilobytes * 1_024.0 / 1e6);
    }
    Ok(())
}

/// A job, or a page of a list that has as many pages as the name of its queue says.
fn answer(request: &RawRequest, page: &str) -> Reaction {
    let line = request.line();
    let number_after = |name| {
        let (_, rest) = line.split_once(name)?;
        rest.split('&').next()?.parse::<usize>().ok()
    };
    let pages_left = number_after("continuationToken=").or_else(|| number_after("queueId="));
    match pages_left {
        None => Reaction::ok(JOB),
        Some(0 | 1) => Reaction::ok(&format!(r#"{{"value":[{page}]}}"#)),
        Some(left) => Reaction::ok(&format!(
            r#"{{"value":[{page}],"nextLink":"/routing/jobs?continuationToken={}"}}"#,
            left - 1
        )),
    }
}
