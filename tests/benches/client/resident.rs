//! How much memory a program with the client takes, measured in processes of their own.

use std::process::Command;

use acs_jobrouter::JobRouterClient;
use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::Outcome;
use crate::stub::JOBS_A_PAGE;

/// What a process does before it tells its memory.
pub(crate) enum Load {
    /// Reads a job this many times, 32 at a time.
    Calls { address: String, calls: usize },
    /// Lists this many jobs.
    List { address: String, jobs: usize },
}

impl Load {
    /// The load that a process was started for.
    pub(crate) fn from_arguments(arguments: &[String]) -> Option<Self> {
        let mut after = arguments
            .iter()
            .skip_while(|word| !word.starts_with("--load-"));
        let kind = after.next()?;
        let (address, count) = (after.next()?.clone(), after.next()?.parse().ok()?);
        match kind.as_str() {
            "--load-calls" => Some(Self::Calls {
                address,
                calls: count,
            }),
            "--load-list" => Some(Self::List {
                address,
                jobs: count,
            }),
            _ => None,
        }
    }

    pub(crate) fn address(&self) -> &str {
        match self {
            Self::Calls { address, .. } | Self::List { address, .. } => address,
        }
    }

    /// Does it and prints the most memory that was resident, in kB.
    pub(crate) async fn put(&self, client: &JobRouterClient) -> Outcome {
        match self {
            Self::Calls { calls, .. } => {
                let mut answers = futures_util::stream::iter(0..*calls)
                    .map(|_| client.get_job("job-1").into_future())
                    .buffer_unordered(32);
                while answers.try_next().await?.is_some() {}
            }
            Self::List { jobs, .. } => {
                let list = client.list_jobs().queue((jobs / JOBS_A_PAGE).to_string());
                let listed = list.page_size(100).into_stream();
                let count = listed.try_fold(0, async |count, _| Ok(count + 1)).await?;
                if count != *jobs {
                    return Err(format!("{count} of {jobs} jobs came").into());
                }
            }
        }
        println!("{}", highest_resident()?);
        Ok(())
    }
}

/// Measures each load in a process of its own.
pub(crate) fn report(address: &str) -> Outcome {
    if !cfg!(target_os = "linux") {
        println!("Memory is measured on Linux only");
        return Ok(());
    }
    println!("\nHighest resident memory");
    for (what, load, count) in [
        ("10,000 calls, 32 at a time", "--load-calls", 10_000),
        ("list of 10,000 jobs", "--load-list", 10_000),
        ("list of 1,000,000 jobs", "--load-list", 1_000_000),
    ] {
        let output = Command::new(std::env::current_exe()?)
            .args([load, address, &count.to_string()])
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let kilobytes: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
        println!("{what:27} {:>6.2} MB", kilobytes * 1_024.0 / 1e6);
    }
    Ok(())
}

fn highest_resident() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmHWM")?.parse()?)
}
