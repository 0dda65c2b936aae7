//! Connections as clients open them: plain HTTP and TLS on one port.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

/// The first byte of a connection that begins with a TLS handshake. No HTTP method begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// How long a TLS handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// How many connections may wait to be served.
const WAITING: usize = 64;

/// A connection that is ready for requests.
pub(crate) type Connection = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// How a request came in: its connection tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Plain,
    Tls,
}

impl Transport {
    /// The scheme of the URLs under which the caller reaches the emulator.
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Plain => "http",
            Self::Tls => "https",
        }
    }
}

impl Connected<IncomingStream<'_, Connections>> for Transport {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        match stream.io() {
            Either::Left(_) => Self::Plain,
            Either::Right(_) => Self::Tls,
        }
    }
}

/// The connections of a listener, each handed over once it is ready. The port closes when this is dropped.
#[derive(Debug)]
pub(crate) struct Connections {
    ready: mpsc::Receiver<(Connection, SocketAddr)>,
    address: SocketAddr,
}

impl Connections {
    /// Begins to accept connections. Without an acceptor all of them are plain.
    pub(crate) fn of(listener: TcpListener, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(WAITING);
        tokio::spawn(accept(listener, tls, sender));
        Ok(Self { ready, address })
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // Only when the runtime is going down; there is nothing to accept any more.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

async fn accept(
    mut listener: TcpListener,
    tls: Option<TlsAcceptor>,
    ready: mpsc::Sender<(Connection, SocketAddr)>,
) {
    loop {
        let (stream, peer) = tokio::select! {
            // The trait's own way waits and goes on when the system is short of something, such as open files.
            accepted = Listener::accept(&mut listener) => accepted,
            () = ready.closed() => return,
        };
        let (tls, ready) = (tls.clone(), ready.clone());
        // A client that says nothing, or shakes hands slowly, holds up nobody else.
        tokio::spawn(async move {
            let opened = tokio::select! {
                opened = open(stream, tls) => opened,
                () = ready.closed() => return,
            };
            match opened {
                // It fails when the server has just stopped; then the connection is closed with it.
                Ok(connection) => drop(ready.send((connection, peer)).await),
                Err(error) => tracing::info!(%peer, %error, "a connection did not open"),
            }
        });
    }
}

async fn open(stream: TcpStream, tls: Option<TlsAcceptor>) -> io::Result<Connection> {
    // Answers are small and written at once; waiting to fill a packet would only delay them.
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        return Ok(Either::Left(stream));
    };
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 || first != [TLS_HANDSHAKE] {
        return Ok(Either::Left(stream));
    }
    let stream = tokio::time::timeout(HANDSHAKE_LIMIT, tls.accept(stream)).await??;
    Ok(Either::Right(Box::new(stream)))
}
