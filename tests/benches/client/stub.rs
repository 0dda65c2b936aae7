//! The service: a stub in a process of its own, so that its CPU time and memory are not counted.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::{Outcome, STUB};

pub(crate) const JOBS_A_PAGE: usize = 100;

const JOB: &str = include_str!("../job.json");
const USER: &str = r#"{"identity":{"id":"8:acs:2b6e5b5f-4ab5-47a9-a2e4-8ac5d2e8dc4b_0000000e-7f4b-1f5b-5896-094822000001"}}"#;
const MESSAGE: &str = r#"{"id":"1623798244331"}"#;

/// A stub that runs; it ends with its standard input.
pub(crate) struct Stub {
    process: Child,
    pub(crate) address: String,
}

impl Stub {
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(STUB)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("the stub has no output")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        Ok(Self {
            process,
            address: address.trim().to_owned(),
        })
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            eprintln!("the stub did not end: {error}");
        }
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn serve() -> Outcome {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/", listener.local_addr()?);
    std::io::stdout().flush()?;
    let jobs = Arc::new(vec![JOB; JOBS_A_PAGE].join(","));
    let app = Router::new()
        .route("/routing/jobs", get(list_jobs))
        .route(
            "/identities",
            post(async || (StatusCode::CREATED, json(USER))),
        )
        .route(
            "/chat/threads/{id}/messages",
            post(async || (StatusCode::CREATED, json(MESSAGE))),
        )
        .with_state(jobs)
        .fallback(async || json(JOB));
    let parent_is_gone = tokio::task::spawn_blocking(|| {
        // Whatever ends the input, an end or an error, means that nobody needs the stub any more.
        let _ = std::io::stdin().read_line(&mut String::new());
    });
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            if let Err(error) = parent_is_gone.await {
                eprintln!("the stub cannot watch its parent: {error}");
            }
        })
        .await?;
    Ok(())
}

/// Where in a list a request is. A list has as many pages as the name of its queue says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    queue_id: Option<usize>,
    continuation_token: Option<usize>,
}

async fn list_jobs(jobs: State<Arc<String>>, place: Query<Place>) -> impl IntoResponse {
    let pages_left = place.continuation_token.or(place.queue_id).unwrap_or(1);
    let link = match pages_left {
        0 | 1 => String::new(),
        _ => format!(
            r#","nextLink":"/routing/jobs?continuationToken={}""#,
            pages_left - 1
        ),
    };
    json(format!(r#"{{"value":[{}]{link}}}"#, *jobs))
}

fn json(body: impl IntoResponse) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], body)
}
