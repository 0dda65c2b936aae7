//! Starting and stopping an emulator.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use crate::DEVELOPMENT_ACCESS_KEY;
use crate::clock::Clock;
use crate::clock_handle::ClockHandle;
use crate::connections::{Connections, Transport};
use crate::conversations::entra_issuer;
use crate::entra::EntraEndpoint;
use crate::events::{
    Delivery, Destination, EventStream, Flush, StorageQueue, StorageQueueError, Webhook,
    WebhookError,
};
use crate::gate::Gate;
use crate::handlers;
use crate::outbound::Outbound;
use crate::rule_calls;
use crate::server::Server;
use crate::shell::Shell;
use crate::signature::SignatureCheck;
use crate::tls::{TlsAuthority, TlsError};

/// How long a stop waits for requests that are under way.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(5);

/// How long a stop tries to deliver the events that webhooks and queues have not got yet.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// Job Router, Chat and Identity in this process. [`Emulator::builder`] starts one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Emulator;

impl Emulator {
    /// An emulator on a free port of the loopback interface, with the development key and the computer's time.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            access_key: DEVELOPMENT_ACCESS_KEY.to_owned(),
            seed: 0,
            clock: Clock::System,
            webhooks: Vec::new(),
            storage_queues: Vec::new(),
            rate_limits: false,
            tls: None,
        }
    }
}

/// What to start. Every setting has a default.
#[derive(Clone)]
#[must_use = "nothing runs before `start`"]
pub struct EmulatorBuilder {
    host: IpAddr,
    port: u16,
    access_key: String,
    seed: u64,
    clock: Clock,
    webhooks: Vec<WebhookOption>,
    storage_queues: Vec<(String, String)>,
    rate_limits: bool,
    tls: Option<TlsAuthority>,
}

#[derive(Clone)]
struct WebhookOption {
    url: String,
    handshake: bool,
}

impl EmulatorBuilder {
    /// The address to listen on; default `127.0.0.1`. Any other than loopback lets other machines in.
    pub fn host(mut self, host: IpAddr) -> Self {
        self.host = host;
        self
    }

    /// The port to listen on; default 0, which takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The key that clients sign with, in base64; default [`DEVELOPMENT_ACCESS_KEY`]. Blanks around it are ignored.
    pub fn access_key(mut self, key: impl Into<String>) -> Self {
        self.access_key = key.into().trim().to_owned();
        self
    }

    /// Where ids made by the service (offers, assignments, ETags) come from; default 0. The same seed and the same
    /// commands give the same ids.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Where the routing time comes from; default [`Clock::System`].
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Answers TLS too, on the same port: the first byte of a connection tells which of the two it is. Default: plain HTTP
    /// only.
    ///
    /// The certificate is for `localhost`, `127.0.0.1`, `::1` and the [`host`](Self::host), made anew for each start and
    /// signed by the authority, which is what clients are told to trust.
    pub fn tls(mut self, authority: TlsAuthority) -> Self {
        self.tls = Some(authority);
        self
    }

    /// Sends every event to an `http` or `https` address, as Event Grid would: a POST with a JSON array of one event in the Event
    /// Grid schema and the `aeg-*` headers. Each call adds an endpoint; default none.
    ///
    /// No event is sent before the endpoint has answered the handshake. An event is done with when it is accepted (200 to 204) or
    /// refused for good (400, 401, 403, 413; these are dropped and logged). Anything else is tried again on the schedule of Event
    /// Grid, by the emulator's [`clock`](Self::clock), for a day; other events do not wait for it.
    pub fn webhook(mut self, url: impl Into<String>) -> Self {
        self.webhooks.push(WebhookOption {
            url: url.into(),
            handshake: true,
        });
        self
    }

    /// As [`webhook`](Self::webhook), for an endpoint that does not answer handshakes: it gets events at once.
    pub fn webhook_without_handshake(mut self, url: impl Into<String>) -> Self {
        self.webhooks.push(WebhookOption {
            url: url.into(),
            handshake: false,
        });
        self
    }

    /// Puts every event into an Azure Storage queue, of Azurite or of a real account, as Event Grid would: one message per event,
    /// base64 of its JSON in the Event Grid schema. Each call adds a queue; default none.
    ///
    /// The connection string is that of the storage account: with `AccountKey`, with `SharedAccessSignature`, or
    /// `UseDevelopmentStorage=true`. The queue is made, unless it exists. Failures are tried again as those of webhooks are.
    pub fn storage_queue(
        mut self,
        connection_string: impl Into<String>,
        queue: impl Into<String>,
    ) -> Self {
        self.storage_queues
            .push((connection_string.into(), queue.into()));
        self
    }

    fn destinations(&self) -> Result<Vec<Destination>, StartError> {
        let mut destinations = Vec::new();
        for (option, number) in self.webhooks.iter().zip(1..) {
            let webhook = Webhook::new(&option.url, number, option.handshake)?;
            destinations.push(Destination::Webhook(webhook));
        }
        for ((connection_string, queue), number) in self.storage_queues.iter().zip(1..) {
            let queue = StorageQueue::new(connection_string, queue, number)?;
            destinations.push(Destination::StorageQueue(queue));
        }
        Ok(destinations)
    }

    /// Whether chat and identity refuse with 429 what goes beyond the service's published rate limits; default false. Calls are
    /// counted by the emulator's clock.
    pub fn rate_limits(mut self, on: bool) -> Self {
        self.rate_limits = on;
        self
    }

    /// Opens the port. Requests are answered as soon as this returns. Needs a tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    ///
    /// [`StartError::AccessKey`], [`StartError::Webhook`], [`StartError::StorageQueue`] or [`StartError::Listen`] when the key, the
    /// address of a webhook, a storage queue or the address to listen on is not usable; [`StartError::Tls`] when no certificate
    /// can be made.
    pub async fn start(self) -> Result<RunningEmulator, StartError> {
        let signatures = SignatureCheck::new(&self.access_key).map_err(StartError::AccessKey)?;
        let destinations = self.destinations()?;
        let tls = self.tls.as_ref();
        let acceptor = tls.map(|authority| authority.acceptor(self.host));
        let acceptor = acceptor.transpose()?;
        let wanted = SocketAddr::new(self.host, self.port);
        let listen_error = |source| StartError::Listen {
            address: wanted,
            source,
        };
        let listener = TcpListener::bind(wanted).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;

        let (shell, effects) = Shell::new(self.seed, self.clock, &self.access_key);
        let shell = Arc::new(shell);
        if self.rate_limits {
            shell.limit_rates();
        }
        let (flush, flush_until) = watch::channel(None);
        let outbound = Outbound::default();
        let endpoint = format!("http://{}", reachable(address));
        let deliveries = destinations.into_iter().map(|destination| {
            let subscription = Arc::new(destination.subscription(&endpoint));
            shell.register(Arc::clone(&subscription));
            let delivery = Delivery {
                destination,
                subscription,
                shell: Arc::clone(&shell),
                outbound: outbound.clone(),
                events: shell.subscribe(),
                flush: Flush(flush_until.clone()),
            };
            delivery.run()
        });
        let deliveries = deliveries.collect();
        let rule_calls = rule_calls::carry_out(Arc::clone(&shell), effects, outbound);
        let issuer = entra_issuer(&self.access_key);
        let gate = Gate::new(signatures, issuer.clone());
        let entra = EntraEndpoint::new(issuer, &self.access_key);
        let server = Arc::new(Server::new(Arc::clone(&shell), gate, entra));
        let (stop, stopped) = oneshot::channel::<()>();
        let connections = Connections::of(listener, acceptor).map_err(listen_error)?;
        let router = Arc::clone(&server).router();
        let service = router.into_make_service_with_connect_info::<Transport>();
        let serving = axum::serve(connections, service)
            // Ends on the message and when the sender is dropped alike, so that dropping the emulator stops it.
            .with_graceful_shutdown(async { drop(stopped.await) });
        Ok(RunningEmulator {
            endpoint,
            tls_endpoint: tls.map(|_| format!("https://{}", reachable(address))),
            access_key: self.access_key,
            tasks: Tasks {
                timer: tokio::spawn(Arc::clone(&shell).run_timer()),
                rule_calls: tokio::spawn(rule_calls),
                http: tokio::spawn(async { serving.await }),
                stop: Some(stop),
                deliveries,
                flush,
            },
            server,
            shell,
        })
    }
}

impl fmt::Debug for EmulatorBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EmulatorBuilder")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("seed", &self.seed)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The access key is not usable.
    #[error(transparent)]
    AccessKey(acs_auth::AccessKeyError),
    /// The address of a webhook is not usable.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    /// The connection string or the name of a storage queue is not usable.
    #[error(transparent)]
    StorageQueue(#[from] StorageQueueError),
    /// No certificate can be made.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be listened on: taken, or not of this machine.
    #[error("cannot listen on {address} (port 0 takes a free one)")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The operating system's reason.
        source: io::Error,
    },
}

/// An emulator that answers requests. Stops when dropped; [`shutdown`](Self::shutdown) also waits for open requests.
pub struct RunningEmulator {
    endpoint: String,
    tls_endpoint: Option<String>,
    access_key: String,
    shell: Arc<Shell>,
    server: Arc<Server>,
    tasks: Tasks,
}

#[derive(Debug)]
struct Tasks {
    timer: JoinHandle<()>,
    rule_calls: JoinHandle<()>,
    http: JoinHandle<io::Result<()>>,
    stop: Option<oneshot::Sender<()>>,
    deliveries: JoinSet<()>,
    flush: watch::Sender<Option<Instant>>,
}

impl RunningEmulator {
    /// Where it answers: `http://127.0.0.1:7777`, without a slash at the end.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What a client needs to connect: `endpoint=http://127.0.0.1:7777/;accesskey=…`.
    #[must_use]
    pub fn connection_string(&self) -> String {
        format!("endpoint={}/;accesskey={}", self.endpoint, self.access_key)
    }

    /// Where it answers TLS, if it was given an [authority](EmulatorBuilder::tls): `https://127.0.0.1:7777`.
    #[must_use]
    pub fn tls_endpoint(&self) -> Option<&str> {
        self.tls_endpoint.as_deref()
    }

    /// What a client needs to connect with TLS, besides trust in the authority.
    #[must_use]
    pub fn tls_connection_string(&self) -> Option<String> {
        let endpoint = self.tls_endpoint()?;
        Some(format!(
            "endpoint={endpoint}/;accesskey={}",
            self.access_key
        ))
    }

    /// The routing clock, to read and to move.
    #[must_use]
    pub fn clock(&self) -> ClockHandle {
        ClockHandle::new(Arc::clone(&self.shell))
    }

    /// Every event from now on, of routing and of chat, in order.
    #[must_use]
    pub fn events(&self) -> EventStream {
        self.shell.subscribe()
    }

    /// The ids of the operations it implements; see [`implemented_operations`].
    #[must_use]
    pub fn operations(&self) -> Vec<&'static str> {
        implemented_operations()
    }

    /// How often each operation was called, by id. Calls that were refused before they reached the operation's handler
    /// (signature, path, api-version) do not count.
    #[must_use]
    pub fn exercised_operations(&self) -> BTreeMap<&'static str, u64> {
        self.server.exercised()
    }

    /// Stops: takes no new request, waits up to 5 seconds for open ones, then ends all event streams and tries for up to 5
    /// seconds to send what webhooks and queues have not got yet, each event once. What is left then is lost; a warning tells
    /// how many events.
    pub async fn shutdown(mut self) {
        drop(self.tasks.stop.take());
        match tokio::time::timeout(SHUTDOWN_LIMIT, &mut self.tasks.http).await {
            Ok(Ok(Ok(()))) => {}
            Ok(ended) => tracing::warn!(?ended, "the server did not end well"),
            Err(_) => tracing::warn!("requests were still open after {SHUTDOWN_LIMIT:?}"),
        }
        self.shell.close();
        self.tasks
            .flush
            .send_replace(Some(Instant::now() + FLUSH_LIMIT));
        while let Some(ended) = self.tasks.deliveries.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a delivery of events broke off");
            }
        }
    }
}

impl Drop for RunningEmulator {
    fn drop(&mut self) {
        self.tasks.timer.abort();
        self.tasks.rule_calls.abort();
        self.shell.close();
    }
}

impl fmt::Debug for RunningEmulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RunningEmulator")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// The ids of the operations that have a handler, sorted. Coverage is counted from this list.
#[must_use]
pub fn implemented_operations() -> Vec<&'static str> {
    let mut ids: Vec<_> = handlers::all().map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids
}

/// The address under which this machine reaches a listener; "any address" itself is none.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_everywhere_is_reached_through_loopback() {
        let shown = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(shown("0.0.0.0:7777"), "127.0.0.1:7777");
        assert_eq!(shown("[::]:7777"), "[::1]:7777");
        assert_eq!(shown("192.0.2.1:7777"), "192.0.2.1:7777");
    }
}
