//! A client as a raw crate and a typed crate make it together: calls, hooks, and methods in the form the generator gives them.

use std::collections::BTreeMap;
use std::sync::Arc;

use acs_core::auth::{AccessKey, Credential, Endpoint};
use acs_core::{
    Call, ClientOptions, ClientPackage, Operation, Page, Pager, Pipeline, Response, Result,
    RetryOptions, WirePage, encode_path,
};
use progenitor_client::{
    ClientHooks, ClientInfo, Error as GeneratedError, OperationInfo, ResponseValue,
};
use serde::{Deserialize, Serialize};

pub(crate) const KEY: &str = "c2VjcmV0IGFjY2VzcyBrZXk=";

pub(crate) const PACKAGE: ClientPackage = ClientPackage {
    name: "acs-test",
    version: "1.2.3",
    api_version: "2023-11-01",
};

pub(crate) const READ: Operation = Operation {
    id: "getJob",
    method: "GET",
    path: "/routing/jobs/{jobId}",
    success: &[200],
    merge_patch: false,
    optional_body: false,
    conditional: false,
    paged: false,
    since: "2023-11-01",
};

static GET_JOB: Operation = READ;
static UPSERT_JOB: Operation = Operation {
    id: "upsertJob",
    method: "PATCH",
    success: &[200, 201],
    merge_patch: true,
    conditional: true,
    ..READ
};
static DELETE_JOB: Operation = Operation {
    id: "deleteJob",
    method: "DELETE",
    success: &[204],
    ..READ
};
static CANCEL_JOB: Operation = Operation {
    id: "cancelJob",
    method: "POST",
    path: "/routing/jobs/{jobId}:cancel",
    optional_body: true,
    ..READ
};
static LIST_JOBS: Operation = Operation {
    id: "listJobs",
    path: "/routing/jobs",
    paged: true,
    ..READ
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) labels: BTreeMap<String, i64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PagedJob {
    value: Vec<Job>,
    #[serde(rename = "nextLink")]
    next_link: Option<String>,
}

impl WirePage for PagedJob {
    type Item = Job;

    fn into_parts(self) -> (Vec<Job>, Option<String>) {
        (self.value, self.next_link)
    }
}

/// What the generator makes of the description.
struct Generated {
    baseurl: String,
    client: reqwest::Client,
    inner: Call,
}

impl Generated {
    fn new(call: &Call) -> Self {
        Self {
            baseurl: call.base_url().to_owned(),
            client: call.http_client().clone(),
            inner: call.clone(),
        }
    }

    fn job_url(&self, id: &str, action: &str) -> String {
        format!("{}/routing/jobs/{}{action}", self.baseurl, encode_path(id))
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, GeneratedError<()>> {
        let mut request = request.header("accept", "application/json").build()?;
        let info = OperationInfo { operation_id: "x" };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        Ok(result?)
    }
}

impl ClientInfo<Call> for Generated {
    fn api_version() -> &'static str {
        "description-version"
    }

    fn baseurl(&self) -> &str {
        &self.baseurl
    }

    fn client(&self) -> &reqwest::Client {
        &self.client
    }

    fn inner(&self) -> &Call {
        &self.inner
    }
}

impl ClientHooks<Call> for Generated {
    async fn exec(
        &self,
        request: reqwest::Request,
        _info: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        self.inner().execute(request).await
    }
}

async fn typed<T: serde::de::DeserializeOwned>(
    response: Result<reqwest::Response, GeneratedError<()>>,
    documented: &[u16],
) -> Result<ResponseValue<T>, GeneratedError<()>> {
    let response = response?;
    if documented.contains(&response.status().as_u16()) {
        return ResponseValue::from_response(response).await;
    }
    Err(GeneratedError::UnexpectedResponse(response))
}

/// The typed client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) pipeline: Pipeline,
}

impl Client {
    /// With an access key, and retries that do not wait.
    pub(crate) fn new(endpoint: &str) -> Self {
        Self::with(endpoint, quick())
    }

    pub(crate) fn with(endpoint: &str, options: ClientOptions) -> Self {
        Self::with_credential(endpoint, key().into(), options)
    }

    pub(crate) fn with_credential(
        endpoint: &str,
        credential: Credential,
        options: ClientOptions,
    ) -> Self {
        let endpoint = Endpoint::parse(endpoint).expect("endpoint");
        let pipeline = Pipeline::new(endpoint, credential, PACKAGE, options).expect("pipeline");
        Self { pipeline }
    }

    pub(crate) async fn get_job(&self, id: &str) -> Result<Response<Job>> {
        get_job(&self.pipeline, &GET_JOB, id).await
    }

    pub(crate) async fn upsert_job(
        &self,
        job: &Job,
        if_match: Option<&str>,
    ) -> Result<Response<Job>> {
        let call = self.pipeline.call(&UPSERT_JOB);
        let result = Self::send_upsert(&call, job, if_match).await;
        call.finish(result)
    }

    async fn send_upsert(
        call: &Call,
        job: &Job,
        if_match: Option<&str>,
    ) -> Result<ResponseValue<Job>, GeneratedError<()>> {
        let generated = Generated::new(call);
        let mut headers = reqwest::header::HeaderMap::new();
        if let Some(etag) = if_match {
            headers.append("if-match", etag.to_string().try_into()?);
        }
        let request = generated
            .client
            .patch(generated.job_url(&job.id, ""))
            .json(job)
            .headers(headers);
        typed(generated.send(request).await, &[200, 201]).await
    }

    pub(crate) async fn cancel_job(&self, id: &str, body: &str) -> Result<Response<Job>> {
        let call = self.pipeline.call(&CANCEL_JOB);
        let generated = Generated::new(&call);
        let request = generated
            .client
            .post(generated.job_url(id, ":cancel"))
            .header("content-type", "application/json")
            .body(body.to_owned());
        let result = typed(generated.send(request).await, &[200]).await;
        call.finish(result)
    }

    pub(crate) async fn delete_job(&self, id: &str) -> Result<Response<()>> {
        let call = self.pipeline.call(&DELETE_JOB);
        let generated = Generated::new(&call);
        let request = generated.client.delete(generated.job_url(id, ""));
        let result = match generated.send(request).await {
            Ok(response) if response.status() == 204 => Ok(ResponseValue::empty(response)),
            Ok(response) => Err(GeneratedError::UnexpectedResponse(response)),
            Err(error) => Err(error),
        };
        call.finish(result)
    }

    pub(crate) fn list_jobs(&self, page_size: u32) -> Pager<Job> {
        Pager::new(&self.pipeline, &LIST_JOBS, move |call| async move {
            let generated = Generated::new(&call);
            let url = format!("{}/routing/jobs", generated.baseurl);
            let request = generated
                .client
                .get(url)
                .query(&[("maxpagesize", page_size)]);
            let result = typed::<PagedJob>(generated.send(request).await, &[200]).await;
            call.finish(result)
        })
    }
}

/// Reads a job by this operation.
pub(crate) async fn get_job(
    pipeline: &Pipeline,
    operation: &'static Operation,
    id: &str,
) -> Result<Response<Job>> {
    let call = pipeline.call(operation);
    let generated = Generated::new(&call);
    let request = generated.client.get(generated.job_url(id, ""));
    let result = typed(generated.send(request).await, &[200]).await;
    call.finish(result)
}

pub(crate) fn key() -> AccessKey {
    AccessKey::from_base64(KEY).expect("key")
}

pub(crate) fn job(id: &str) -> Job {
    Job {
        id: id.to_owned(),
        ..Job::default()
    }
}

pub(crate) fn ids(page: &Page<Job>) -> Vec<&str> {
    page.items.iter().map(|job| job.id.as_str()).collect()
}

/// Options with retries that do not wait.
pub(crate) fn quick() -> ClientOptions {
    ClientOptions::new().retry(RetryOptions::new().base_delay(std::time::Duration::ZERO))
}

/// A clock that is a second later each time it is looked at.
#[derive(Debug, Default)]
pub(crate) struct Ticking(std::sync::atomic::AtomicU32);

impl acs_core::Clock for Ticking {
    fn now(&self) -> acs_core::Timestamp {
        let seconds = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let start = acs_core::Timestamp::parse("2024-01-18T09:30:00Z").expect("time");
        start
            .checked_add(std::time::Duration::from_secs(seconds.into()))
            .expect("in range")
    }
}

pub(crate) fn ticking() -> Arc<Ticking> {
    Arc::default()
}
