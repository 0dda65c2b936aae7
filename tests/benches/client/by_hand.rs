//! The comparator: `reqwest`, `serde` and a prepared HMAC key, and nothing that the service does not need.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use acs_chat::SendChatMessageResult;
use acs_core_jobrouter::models::PagedRouterJob;
use acs_jobrouter::{JobPatch, RouterJob};
use axum::http::header;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::KEY;
use crate::users::USER_TOKEN;

/// Sends requests and decodes their answers.
#[derive(Clone)]
pub(crate) struct ByHand(Arc<Prepared>);

struct Prepared {
    http: reqwest::Client,
    key: Hmac<Sha256>,
    base: String,
    host: String,
}

impl ByHand {
    pub(crate) fn new(address: &str) -> Result<Self, Box<dyn Error>> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(Duration::from_secs(10))
            .build()?;
        let base = address.trim_end_matches('/').to_owned();
        Ok(Self(Arc::new(Prepared {
            http,
            key: Hmac::new_from_slice(&BASE64_STANDARD.decode(KEY)?)?,
            host: base.trim_start_matches("http://").to_owned(),
            base,
        })))
    }

    pub(crate) async fn get_job(&self, id: &str) -> Result<RouterJob, Box<dyn Error>> {
        let target = format!("/routing/jobs/{id}?api-version=2023-11-01");
        self.send(reqwest::Method::GET, &target, None).await
    }

    /// Follows the links of a list from page to page and counts what is in it.
    pub(crate) async fn list_jobs(&self, queue: &str) -> Result<usize, Box<dyn Error>> {
        let mut target =
            format!("/routing/jobs?queueId={queue}&maxpagesize=100&api-version=2023-11-01");
        let mut jobs = 0;
        loop {
            let page: PagedRouterJob = self.send(reqwest::Method::GET, &target, None).await?;
            jobs += page.value.len();
            let Some(link) = page.next_link else {
                return Ok(jobs);
            };
            target = format!("{link}&api-version=2023-11-01");
        }
    }

    pub(crate) async fn upsert_job(
        &self,
        id: &str,
        job: JobPatch,
    ) -> Result<RouterJob, Box<dyn Error>> {
        let target = format!("/routing/jobs/{id}?api-version=2023-11-01");
        self.send(
            reqwest::Method::PATCH,
            &target,
            Some(serde_json::to_vec(&job)?),
        )
        .await
    }

    pub(crate) async fn create_user(&self) -> Result<Value, Box<dyn Error>> {
        let target = "/identities?api-version=2023-10-01";
        self.send(reqwest::Method::POST, target, None).await
    }

    pub(crate) async fn send_message(
        &self,
        text: &str,
    ) -> Result<SendChatMessageResult, Box<dyn Error>> {
        let Prepared { http, base, .. } = &*self.0;
        let target = "/chat/threads/19%3Aabc@thread.v2/messages?api-version=2025-03-15";
        let request = http
            .post(format!("{base}{target}"))
            .bearer_auth(USER_TOKEN)
            .json(&json!({"content": text, "senderDisplayName": "Ann"}));
        decoded(request).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: reqwest::Method,
        target: &str,
        body: Option<Vec<u8>>,
    ) -> Result<T, Box<dyn Error>> {
        let Prepared {
            http,
            key,
            base,
            host,
        } = &*self.0;
        let date = httpdate::fmt_http_date(SystemTime::now());
        let hash = BASE64_STANDARD.encode(Sha256::digest(body.as_deref().unwrap_or_default()));
        let mut mac = key.clone();
        mac.update(format!("{method}\n{target}\n{date};{host};{hash}").as_bytes());
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        let mut request = http
            .request(method, format!("{base}{target}"))
            .header("x-ms-date", date)
            .header("x-ms-content-sha256", hash)
            .header(
                header::AUTHORIZATION,
                format!("HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"),
            );
        if let Some(body) = body {
            request = request
                .header(header::CONTENT_TYPE, "application/merge-patch+json")
                .body(body);
        }
        decoded(request).await
    }
}

async fn decoded<T: DeserializeOwned>(
    request: reqwest::RequestBuilder,
) -> Result<T, Box<dyn Error>> {
    let answer = request.send().await?.error_for_status()?;
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}
