//! CPU that the typed clients take, as a ratio to a loop written by hand. Run by `cargo xtask bench client`.
//!
//! Both send the same requests by `reqwest`, without redirects, retries and proxies, with the same models and prepared key, to a stub
//! in a process of its own, on one thread. What counts is the ratio within a pair of rounds. The loop by hand does the least that works: it
//! signs, sends, checks the status, decodes, and follows next links. The client also retries, names its requests, keeps time
//! limits and has tracing compiled in.

mod by_hand;
mod measure;
mod stub;
mod users;

use acs_jobrouter::{ConnectionString, JobRouterClient, NewJob};
use futures_util::TryStreamExt as _;

use by_hand::ByHand;
use measure::{Plan, compare, report_head};
use stub::{JOBS_A_PAGE, Stub};

const KEY: &str = "YmVuY2htYXJrIGtleSwgbm90IGEgc2VjcmV0IG9mIGFueW9uZQ==";
const STUB: &str = "--stub";

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    if std::env::args().any(|argument| argument == STUB) {
        return stub::serve();
    }
    let stub = Stub::start()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(compare_all(&stub.address))
}

fn client(address: &str) -> Result<JobRouterClient, Box<dyn std::error::Error>> {
    let connection = ConnectionString::parse(&format!("endpoint={address};accesskey={KEY}"))?;
    let key = connection.access_key().clone();
    Ok(JobRouterClient::new(connection.endpoint().clone(), key)?)
}

async fn compare_all(address: &str) -> Outcome {
    let by_hand = &ByHand::new(address)?;
    let client = &client(address)?;
    report_head();

    let plan = Plan {
        what: "get job, 32 at a time",
        times_a_round: 6_000,
        at_a_time: 32,
    };
    compare(
        plan,
        || async { by_hand.get_job("job-1").await.map(drop) },
        || async { Ok(client.get_job("job-1").await.map(drop)?) },
    )
    .await?;

    let draft = || {
        NewJob::in_queue("voice", "queue-1")
            .channel_reference("12345")
            .priority(1)
            .label("Language", "en")
    };
    let plan = Plan {
        what: "upsert job, 32 at a time",
        ..plan
    };
    compare(
        plan,
        || async { by_hand.upsert_job("job-1", draft().into()).await.map(drop) },
        || async { Ok(client.upsert_job("job-1", draft()).await.map(drop)?) },
    )
    .await?;

    compare_lists(by_hand, client).await?;
    users::compare_all(by_hand, address).await
}

/// The loop by hand goes from page to page, so it is compared with pages, and with the stream of jobs as well.
async fn compare_lists(by_hand: &ByHand, client: &JobRouterClient) -> Outcome {
    let pages = &(10_000 / JOBS_A_PAGE).to_string();
    let list = || client.list_jobs().queue(pages).page_size(100).into_stream();
    let by_page = Plan {
        what: "10,000 jobs by page",
        times_a_round: 6,
        at_a_time: 1,
    };
    compare(
        by_page,
        || async { all_there(by_hand.list_jobs(pages).await?) },
        || async {
            let mut pages = list().by_page();
            let mut jobs = 0;
            while let Some(page) = pages.try_next().await? {
                jobs += page.items.len();
            }
            all_there(jobs)
        },
    )
    .await?;
    let as_stream = Plan {
        what: "10,000 jobs as a stream",
        ..by_page
    };
    compare(
        as_stream,
        || async { all_there(by_hand.list_jobs(pages).await?) },
        || async { all_there(list().try_fold(0, async |count, _| Ok(count + 1)).await?) },
    )
    .await
}

fn all_there(jobs: usize) -> Outcome {
    if jobs == 10_000 {
        return Ok(());
    }
    Err(format!("{jobs} jobs came").into())
}
