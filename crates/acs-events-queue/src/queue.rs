//! A storage queue: where it is, how to reach it, and the few calls that receiving needs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use acs_events::Event;
use acs_events::publish::queue_message;
use azure_core::credentials::TokenCredential;
use azure_core::http::headers::HeaderName;
use azure_core::http::{StatusCode, Url};
use azure_storage_queue::models::{
    QueueClientReceiveMessagesOptions, QueueMessage, ReceivedMessage,
};
use azure_storage_queue::{QueueClient, QueueClientOptions};

use crate::Error;
use crate::access::{Account, SignEachAttempt, Signer};

/// The most messages that one call brings.
pub(crate) const MOST_MESSAGES: usize = 32;

/// The version of the storage API: old enough for every service and emulator that is in use.
const API_VERSION: &str = "2025-07-05";

const POP_RECEIPT: HeaderName = HeaderName::from_static("x-ms-popreceipt");

/// A storage queue. Cheap to clone.
#[derive(Clone)]
pub struct Queue {
    client: Arc<QueueClient>,
    name: String,
}

impl Queue {
    /// A queue of the account that a connection string names. With an account key each call is signed anew (an account SAS for an
    /// hour, for queues alone); a `SharedAccessSignature` is used as it is.
    ///
    /// # Errors
    ///
    /// The connection string lacks a part or has a wrong one, which the error names, or the queue's name is none.
    pub fn from_connection_string(connection_string: &str, queue: &str) -> Result<Self, Error> {
        let Account { endpoint, signer } = Account::parse(connection_string)?;
        let mut url = queue_url(&endpoint, queue)?;
        let mut options = options();
        match signer {
            Signer::Key(key) => options
                .client_options
                .per_try_policies
                .push(Arc::new(SignEachAttempt(key))),
            Signer::Signature(signature) => url.set_query(Some(&signature)),
        }
        Self::new(url, None, options)
    }

    /// A queue by its URL with a SAS that allows to process, update and add messages:
    /// `https://account.queue.core.windows.net/router-events?sv=…&sig=…`.
    ///
    /// # Errors
    ///
    /// The text is no URL of a queue.
    pub fn from_sas_url(url: &str) -> Result<Self, Error> {
        Self::new(crate::access::url(url)?, None, options())
    }

    /// A queue by its URL, with a credential of Microsoft Entra ID that has the role "Storage Queue Data Message Processor", and
    /// "Storage Queue Data Message Sender" where it puts poison messages.
    ///
    /// # Errors
    ///
    /// The text is no URL of a queue, or one without TLS.
    pub fn from_credential(url: &str, credential: Arc<dyn TokenCredential>) -> Result<Self, Error> {
        Self::new(crate::access::url(url)?, Some(credential), options())
    }

    /// A queue by a client of the official crate, set up as the program likes.
    #[must_use]
    pub fn from_client(client: QueueClient) -> Self {
        let path = client.url().path().trim_end_matches('/');
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        Self {
            client: Arc::new(client),
            name,
        }
    }

    fn new(
        url: Url,
        credential: Option<Arc<dyn TokenCredential>>,
        options: QueueClientOptions,
    ) -> Result<Self, Error> {
        if url.path().trim_matches('/').is_empty() {
            return Err(Error::config("the URL names no queue in its path"));
        }
        let client = QueueClient::new(url, credential, Some(options))?;
        Ok(Self::from_client(client))
    }

    /// The name of the queue.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes the queue, unless it exists.
    ///
    /// # Errors
    ///
    /// The queue service does not answer or refuses.
    pub async fn create_if_missing(&self) -> Result<(), Error> {
        match self.client.create(None).await {
            Ok(_) => Ok(()),
            Err(error) if error.http_status() == Some(StatusCode::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts an event into the queue as Event Grid does.
    ///
    /// # Errors
    ///
    /// The event is too large for a message, or the queue does not answer or refuses.
    pub async fn send(&self, event: &Event) -> Result<(), Error> {
        let text = queue_message(event).map_err(|error| Error::event(&error))?;
        self.send_text(text).await
    }

    /// Puts any text into the queue.
    ///
    /// # Errors
    ///
    /// The queue does not answer or refuses, as it does with more than 64 KiB.
    pub async fn send_text(&self, text: String) -> Result<(), Error> {
        let message = QueueMessage {
            message_text: Some(text),
        };
        self.client.send_message(message.try_into()?, None).await?;
        Ok(())
    }

    pub(crate) async fn take(
        &self,
        count: usize,
        hidden_for: Duration,
    ) -> Result<Vec<ReceivedMessage>, Error> {
        let options = QueueClientReceiveMessagesOptions {
            number_of_messages: i32::try_from(count.clamp(1, MOST_MESSAGES)).ok(),
            visibility_timeout: Some(seconds(hidden_for)),
            ..Default::default()
        };
        let answer = self.client.receive_messages(Some(options)).await?;
        Ok(answer.into_model()?.items.unwrap_or_default())
    }

    pub(crate) async fn delete(&self, id: &str, receipt: &str) -> Result<(), Error> {
        self.client.delete_message(id, receipt, None).await?;
        Ok(())
    }

    /// Hides a message for another span from now on, and gives its new receipt.
    pub(crate) async fn hide(
        &self,
        id: &str,
        receipt: &str,
        span: Duration,
    ) -> Result<String, Error> {
        let answer = self
            .client
            .update_message(id, receipt, seconds(span), None)
            .await?;
        Ok(answer.headers().get_str(&POP_RECEIPT)?.to_owned())
    }
}

fn options() -> QueueClientOptions {
    QueueClientOptions {
        version: API_VERSION.to_owned(),
        ..Default::default()
    }
}

fn queue_url(endpoint: &Url, queue: &str) -> Result<Url, Error> {
    let is_name =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if queue.is_empty() || !queue.chars().all(is_name) {
        return Err(Error::config(format!(
            "{queue:?} is no name of a queue, which has small letters, digits and hyphens"
        )));
    }
    let mut url = endpoint.clone();
    url.path_segments_mut()
        .map_err(|()| Error::config("the queue endpoint cannot have a path"))?
        .pop_if_empty()
        .push(queue);
    Ok(url)
}

fn seconds(span: Duration) -> i32 {
    i32::try_from(span.as_secs()).unwrap_or(i32::MAX)
}

impl fmt::Debug for Queue {
    /// Shows the name only: the URL may hold a signature.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Queue({:?})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};

    use super::Queue;

    #[derive(Debug)]
    struct Never;

    #[async_trait::async_trait]
    impl TokenCredential for Never {
        async fn get_token(
            &self,
            _scopes: &[&str],
            _options: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            panic!("nothing is sent when a queue is made")
        }
    }

    #[test]
    fn a_token_is_for_queues_with_tls_only() {
        let with_token = |url| Queue::from_credential(url, Arc::new(Never));
        let queue = with_token("https://a.queue.core.windows.net/router-events").expect("a queue");
        assert_eq!(queue.name(), "router-events");
        for url in [
            "http://127.0.0.1:10001/devstoreaccount1/router-events",
            "",
            "https://a.queue.core.windows.net/",
        ] {
            with_token(url).expect_err(url);
        }
    }

    #[test]
    fn queues_are_named_and_show_no_signature() {
        for queue in [
            Queue::from_connection_string("UseDevelopmentStorage=true", "router-events"),
            Queue::from_sas_url("https://a.queue.core.windows.net/router-events?sig=secret"),
        ] {
            assert_eq!(
                format!("{:?}", queue.expect("a queue")),
                "Queue(\"router-events\")"
            );
        }
        for name in ["", "Router", "a/b", "a?b"] {
            Queue::from_connection_string("UseDevelopmentStorage=true", name).expect_err(name);
        }
        for url in ["", "router-events", "https://a.queue.core.windows.net/"] {
            Queue::from_sas_url(url).expect_err(url);
        }
    }
}
