//! The client for threads.

use std::sync::Arc;

use acs_core::auth::{Endpoint, UserTokenCredential};
use acs_core::{ClientOptions, ClientPackage, Pipeline, Request, Response, Result};
use acs_core_chat::operations::{DEFAULT_API_VERSION, DELETE_CHAT_THREAD};

use crate::calls::{CreateThread, ListThreads, Thread};
use crate::thread_client::ChatThreadClient;

const PACKAGE: ClientPackage = ClientPackage {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    api_version: DEFAULT_API_VERSION,
};

/// A client for the threads of one user.
///
/// Cheap to clone; clones share connections. All methods return a call that is sent when it is awaited.
///
/// `# Errors` names what a call can meet beyond the failures of every call: [`Error::Auth`] if there is no valid token, 400
/// `BadRequest` for arguments that the service refuses, 401 for a token that was revoked or is of another resource, 403
/// `Forbidden` for a user who does not take part in the thread or whose token has too narrow a scope, 404 `NotFound` for a
/// thread that does not exist (any more), 429 beyond a rate limit, and what [`Error`] lists besides answers. The limits stand
/// at the methods.
///
/// ```no_run
/// use acs_chat::{ChatClient, Endpoint, UserTokenCredential};
///
/// # async fn example(token: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let endpoint = Endpoint::parse("https://contoso.communication.azure.com")?;
/// let chat = ChatClient::new(endpoint, UserTokenCredential::from_token(token)?)?;
/// let created = chat.create_thread("Lunch").await?;
/// chat.thread_client(&created.thread.id).send_message("Half past twelve?").await?;
/// # Ok(())
/// # }
/// ```
///
/// [`Error`]: acs_core::Error
/// [`Error::Auth`]: acs_core::Error::Auth
#[derive(Clone, Debug)]
pub struct ChatClient {
    pipeline: Pipeline,
}

impl ChatClient {
    /// A client from the endpoint of the resource and the credential of the user: a fixed token or one that is refreshed.
    ///
    /// ```
    /// use acs_chat::{ChatClient, Endpoint, UserTokenCredential};
    ///
    /// # async fn fetch_from_my_server() -> Result<String, std::io::Error> { Ok(String::new()) }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let endpoint = Endpoint::parse("http://127.0.0.1:7777")?;
    /// let chat = ChatClient::new(endpoint, UserTokenCredential::refreshing(fetch_from_my_server))?;
    /// # let _ = chat;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`](acs_core::Error::Config) if there is no TLS for an `https` endpoint.
    pub fn new(endpoint: Endpoint, credential: impl Into<UserTokenCredential>) -> Result<Self> {
        Self::with_options(endpoint, credential, ClientOptions::new())
    }

    /// A client with other options than the defaults.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](acs_core::Error::Config) names the option that is unusable.
    pub fn with_options(
        endpoint: Endpoint,
        credential: impl Into<UserTokenCredential>,
        options: ClientOptions,
    ) -> Result<Self> {
        let pipeline = Pipeline::for_user(endpoint, credential.into(), PACKAGE, options)?;
        Ok(Self { pipeline })
    }

    /// The client for one thread; it shares this client's connections. Nothing is sent, and the thread need not exist.
    #[must_use]
    pub fn thread_client(&self, thread_id: impl Into<String>) -> ChatThreadClient {
        ChatThreadClient::new(self.thread(thread_id.into()))
    }

    /// Creates a thread. `POST /chat/threads`
    ///
    /// The user takes part in it, whether named or not. It is created even if some of the others cannot be added: they are in
    /// the [outcome](crate::CreatedThread). It begins with two messages of the system, one for the participants and one for
    /// the topic.
    ///
    /// ```no_run
    /// use acs_chat::{ChatClient, ChatParticipant, CommunicationUserIdentifier};
    ///
    /// # async fn example(chat: ChatClient) -> acs_chat::Result<()> {
    /// let bob = CommunicationUserIdentifier::new("8:acs:resource_bob");
    /// let created = chat
    ///     .create_thread("Lunch")
    ///     .participant(ChatParticipant::new(bob).display_name("Bob"))
    ///     .idempotency_token("lunch-2026-01-18")
    ///     .await?;
    /// for failed in &created.failed {
    ///     eprintln!("{failed}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Limits: 200 participants in one call, 250 in a thread; 10 threads in 10 seconds for a user, 3000 in a minute for a
    /// resource.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](acs_core::Error::Config) for an empty topic or an unusable idempotency token. 400 for too many
    /// participants. 403 if the token is not for `chat`.
    pub fn create_thread(&self, topic: impl Into<String>) -> CreateThread {
        CreateThread::new(&self.pipeline, topic.into())
    }

    /// Lists the threads that the user takes part in, those with the latest activity first. `GET /chat/threads`
    ///
    /// ```no_run
    /// use std::time::{Duration, SystemTime};
    /// use acs_chat::ChatClient;
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn example(chat: ChatClient) -> acs_chat::Result<()> {
    /// let two_days_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    /// let mut threads = chat.list_threads().start_time(two_days_ago).into_stream();
    /// while let Some(thread) = threads.try_next().await? {
    ///     println!("{}: {}", thread.id, thread.topic);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The time of the last message may lag behind. Limit: 50 calls in 10 seconds for a user.
    pub fn list_threads(&self) -> ListThreads {
        ListThreads::new(&self.pipeline)
    }

    /// Deletes a thread, for all who take part. `DELETE /chat/threads/{chatThreadId}`
    ///
    /// Everybody who takes part may do so. The thread cannot be read afterwards. Limit: 10 threads in 10 seconds for a user.
    ///
    /// # Errors
    ///
    /// 403 if the token is not for `chat`. What deleting a second time gives is not documented: 403 or 404.
    pub fn delete_thread(&self, thread_id: impl Into<String>) -> Request<Response<()>> {
        let thread = self.thread(thread_id.into());
        Request::new(&DELETE_CHAT_THREAD, async move {
            let call = thread.call(&DELETE_CHAT_THREAD)?;
            let result = acs_core_chat::client(&call)
                .delete_chat_thread(&thread.id)
                .await;
            call.finish(result)
        })
    }

    fn thread(&self, id: String) -> Thread {
        Thread {
            pipeline: self.pipeline.clone(),
            id: Arc::from(id),
        }
    }
}
