//! TLS and plain HTTP on one port.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use acs_emulator::{Emulator, RunningEmulator, StartError, TlsAuthority};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::caller::Caller;

async fn start() -> (RunningEmulator, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let authority = TlsAuthority::in_folder(folder.path()).unwrap();
    let emulator = Emulator::builder().tls(authority).start().await.unwrap();
    (emulator, folder)
}

/// Asks for the clock over TLS.
async fn clock(endpoint: &str, name: &'static str, folder: &TempDir) -> io::Result<String> {
    get("/_emulator/clock", endpoint, name, folder).await
}

/// Asks for a path over TLS, under a name of this machine, trusting nothing but the authority in a folder.
async fn get(
    path: &str,
    endpoint: &str,
    name: &'static str,
    folder: &TempDir,
) -> io::Result<String> {
    let pem = std::fs::read(folder.path().join("tls/ca.pem")).unwrap();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(&pem).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let address = endpoint.strip_prefix("https://").unwrap();
    let stream = TcpStream::connect(address).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from(name).unwrap();
    let mut stream = connector.connect(name, stream).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn one_port_answers_plain_and_tls_under_every_name_of_this_machine() {
    let (emulator, folder) = start().await;
    Caller::new(emulator.endpoint())
        .get("jobs")
        .await
        .expect(200);

    let endpoint = emulator.tls_endpoint().unwrap();
    assert_eq!(endpoint, emulator.endpoint().replace("http:", "https:"));
    let string = emulator.tls_connection_string().unwrap();
    let expected = format!("endpoint={endpoint}/;accesskey=");
    assert!(string.starts_with(&expected), "{string}");
    for name in ["127.0.0.1", "::1", "localhost"] {
        let answer = clock(endpoint, name, &folder).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{name}: {answer}");
    }
    let error = clock(endpoint, "example.com", &folder).await.unwrap_err();
    assert!(error.to_string().contains("not valid for name"), "{error}");
}

// chat 48
#[tokio::test]
async fn addresses_have_the_scheme_that_the_caller_used() {
    let (emulator, folder) = start().await;
    let path = "/tenant/v2.0/.well-known/openid-configuration";
    let caller = Caller::new(emulator.endpoint());
    let plain = caller
        .raw("GET", path)
        .send_unsigned()
        .await
        .expect(200)
        .body;
    let token_endpoint = format!("{}/tenant/oauth2/v2.0/token", emulator.endpoint());
    assert_eq!(plain["token_endpoint"], token_endpoint);

    let endpoint = emulator.tls_endpoint().unwrap();
    let answer = get(path, endpoint, "localhost", &folder).await.unwrap();
    let found = r#""token_endpoint":"https://here/tenant/oauth2/v2.0/token""#;
    assert!(answer.contains(found), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_authority_is_not_served() {
    let (emulator, _folder) = start().await;
    let other = tempfile::tempdir().unwrap();
    TlsAuthority::in_folder(other.path()).unwrap();
    let endpoint = emulator.tls_endpoint().unwrap();
    let error = clock(endpoint, "localhost", &other).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

/// Neither a connection that never speaks nor a handshake that never ends keeps others from being served, or the
/// emulator from stopping.
#[tokio::test]
async fn silent_and_broken_connections_hold_up_nobody() {
    let (emulator, folder) = start().await;
    let address = emulator.endpoint().strip_prefix("http://").unwrap();
    let _silent = TcpStream::connect(address).await.unwrap();
    let mut half = TcpStream::connect(address).await.unwrap();
    half.write_all(&[0x16, 3, 1]).await.unwrap();
    let mut broken = TcpStream::connect(address).await.unwrap();
    broken.write_all(&[0x16; 64]).await.unwrap();
    let mut end = Vec::new();
    broken.read_to_end(&mut end).await.unwrap();
    assert!(!end.starts_with(b"HTTP"), "{end:?}");

    let endpoint = emulator.tls_endpoint().unwrap();
    clock(endpoint, "localhost", &folder).await.unwrap();
    let stopped = tokio::time::timeout(Duration::from_secs(60), emulator.shutdown()).await;
    assert!(stopped.is_ok());
}

#[tokio::test]
async fn without_an_authority_there_is_no_tls() {
    let emulator = Emulator::builder().start().await.unwrap();
    assert_eq!(emulator.tls_endpoint(), None);
    assert_eq!(emulator.tls_connection_string(), None);
}

#[tokio::test]
async fn once_stopped_its_port_is_free_again() {
    let (emulator, folder) = start().await;
    let endpoint = emulator.endpoint().to_owned();
    let port: u16 = endpoint.rsplit(':').next().unwrap().parse().unwrap();
    emulator.shutdown().await;
    let authority = TlsAuthority::in_folder(folder.path()).unwrap();
    // The listener is closed by a task that has been told of the stop, and needs its turn.
    let again = loop {
        let builder = Emulator::builder().port(port).tls(authority.clone());
        match builder.start().await {
            Ok(emulator) => break emulator,
            Err(StartError::Listen { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(again.endpoint(), endpoint);
}
