//! The program: its ready line, its exit codes and how it stops.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::caller::Caller;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_acs-emulator"));
    command
        .args(arguments)
        .env_remove("ACS_EMULATOR_ACCESS_KEY")
        .env_remove("ACS_EMULATOR_LOG")
        .env_remove("ACS_EMULATOR_DATA_DIR")
        .env_remove("ACS_EMULATOR_STORAGE_QUEUE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Starts it without TLS and reads its ready line: the endpoint and the key.
async fn ready(arguments: &[&str]) -> (Child, String, String) {
    let mut child = program(arguments).arg("--no-tls").spawn().unwrap();
    let mut line = String::new();
    let stdout = child.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut line).await.unwrap();
    let connection = line
        .strip_prefix("ACS_CONNECTION_STRING=endpoint=")
        .unwrap();
    let (endpoint, key) = connection.trim_end().split_once("/;accesskey=").unwrap();
    (child, endpoint.to_owned(), key.to_owned())
}

#[cfg(unix)]
async fn stop(mut child: Child, signal: &str) {
    let id = child.id().unwrap().to_string();
    let sent = Command::new("kill")
        .args([signal, &id])
        .status()
        .await
        .unwrap();
    assert!(sent.success());
    let mut rest = String::new();
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_to_string(&mut rest)
        .await
        .unwrap();
    assert_eq!(rest, "", "stdout has the ready line only");
    let status = child.wait().await.unwrap();
    assert_eq!(status.code(), Some(0));
}

#[cfg(unix)]
#[tokio::test]
async fn it_answers_once_the_ready_line_stands_and_ends_well_when_terminated() {
    let (child, endpoint, key) = ready(&["start", "--port", "0"]).await;
    assert!(endpoint.starts_with("http://127.0.0.1:"), "{endpoint}");
    assert_eq!(key, acs_emulator::DEVELOPMENT_ACCESS_KEY);
    Caller::new(&endpoint).get("jobs").await.expect(200);
    stop(child, "-TERM").await;
}

#[cfg(unix)]
#[tokio::test]
async fn start_is_the_default_verb_and_an_interrupt_ends_it_well() {
    let key = "c29tZSBvdGhlciBrZXk=";
    let (child, endpoint, printed) = ready(&["--port", "0", "--access-key", key]).await;
    assert_eq!(printed, key);
    let caller = Caller::new(&endpoint);
    caller.get("jobs").await.expect(401);
    caller
        .request("GET", "jobs")
        .signed_with(key)
        .send()
        .await
        .expect(200);
    stop(child, "-INT").await;
}

#[tokio::test]
async fn with_tls_there_is_a_second_ready_line_and_the_folder_is_told_on_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut child = program(&["--port", "0", "--data-dir", data])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let plain = lines.next_line().await.unwrap().unwrap();
    let tls = lines.next_line().await.unwrap().unwrap();
    let expected = plain
        .replace("ACS_CONNECTION_STRING=", "ACS_CONNECTION_STRING_TLS=")
        .replace("http:", "https:");
    assert_eq!(tls, expected);
    child.kill().await.unwrap();
    let mut log = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut log).await.unwrap();
    assert!(log.contains("NODE_EXTRA_CA_CERTS="), "{log}");
    assert!(folder.path().join("tls/ca.pem").is_file());
}

#[tokio::test]
async fn env_prints_what_programs_need_to_trust_it_also_before_the_first_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let (code, stdout, _) = end(&["env", "--data-dir", data]).await;
    assert_eq!(code, Some(0));
    let certificate = folder.path().join("tls/ca.pem");
    assert!(certificate.is_file());
    let shown = certificate.display();
    let expected =
        format!("SSL_CERT_FILE={shown}\nREQUESTS_CA_BUNDLE={shown}\nNODE_EXTRA_CA_CERTS={shown}\n");
    assert_eq!(stdout, expected);
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_made_is_an_error_that_tells_the_ways_out() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let data = file.path().to_str().unwrap();
    let (code, stdout, stderr) = end(&["--port", "0", "--data-dir", data]).await;
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    for part in [
        "--data-dir names another folder",
        "--no-tls does without",
        data,
    ] {
        assert!(stderr.contains(part), "{stderr}");
    }
}

/// Runs it to its end and gives the exit code, stdout and stderr.
async fn end(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program(arguments).output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, stdout, stderr) = end(&["start", "--port", &port, "--no-tls"]).await;
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(
        stderr.contains(&format!("cannot listen on {address}")),
        "{stderr}"
    );
}

#[tokio::test]
async fn an_unusable_key_is_an_error_that_does_not_show_it() {
    let (code, stdout, stderr) =
        end(&["--port", "0", "--no-tls", "--access-key", "not*base64"]).await;
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("access key"), "{stderr}");
    assert!(!stderr.contains("not*base64"), "{stderr}");
}

#[tokio::test]
async fn wrong_arguments_end_it_with_2_and_help_names_every_option() {
    let (code, _, stderr) = end(&["--port", "seventy"]).await;
    assert_eq!(code, Some(2));
    assert!(stderr.contains("--port"), "{stderr}");
    let (code, help, _) = end(&["--help"]).await;
    assert_eq!(code, Some(0));
    for text in [
        "start",
        "--port",
        "--host",
        "--access-key",
        "--seed",
        "--clock",
        "--webhook",
        "--data-dir",
        "--no-tls",
        "env",
        "--log",
        "7777",
        "ACS_CONNECTION_STRING=",
    ] {
        assert!(help.contains(text), "{text} is missing in:\n{help}");
    }
}

#[tokio::test]
async fn its_clock_can_stand_at_an_instant() {
    let arguments = ["--port", "0", "--clock", "2026-03-01T12:00:00Z"];
    let (_child, endpoint, _) = ready(&arguments).await;
    let caller = Caller::new(&endpoint);
    let answer = caller.raw("GET", "/_emulator/clock").send_unsigned().await;
    let clock = answer.expect(200).body;
    assert_eq!(clock["now"], "2026-03-01T12:00:00+00:00");
    assert_eq!(clock["paused"], true);
}

#[tokio::test]
async fn an_unusable_clock_or_webhook_is_an_error_that_names_it() {
    let (code, _, stderr) = end(&["--port", "0", "--clock", "noon"]).await;
    assert_eq!(code, Some(2));
    assert!(stderr.contains("'noon' for '--clock"), "{stderr}");
    let arguments = [
        "--port",
        "0",
        "--no-tls",
        "--webhook",
        "nowhere?code=secret",
    ];
    let (code, _, stderr) = end(&arguments).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("webhook 1 is no URL"), "{stderr}");
    assert!(!stderr.contains("secret"), "{stderr}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_stop_tells_how_many_events_were_not_delivered() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?code=secret", taken.local_addr().unwrap());
    drop(taken);
    let (mut child, endpoint, _) = ready(&["--port", "0", "--webhook", &url]).await;
    let caller = Caller::new(&endpoint);
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    let mut stderr = child.stderr.take().unwrap();
    stop(child, "-TERM").await;
    let mut log = String::new();
    stderr.read_to_string(&mut log).await.unwrap();
    assert!(log.contains("2 events were not delivered"), "{log}");
    assert!(!log.contains("secret"), "{log}");
}

#[tokio::test]
async fn an_unusable_storage_queue_is_refused_without_its_key() {
    let option = "AccountName=a;AccountKey=%secret%=events";
    let output = program(&["--port", "0", "--no-tls", "--storage-queue", option]).output();
    let output = output.await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.contains("storage queue 1 has an `AccountKey`"),
        "{complaint}"
    );
    assert!(!complaint.contains("secret"), "{complaint}");
}
