//! Examples read the settings that samples of other SDKs read.

mod example;

use acs_emulator::Emulator;

const CONNECTION_STRING: &str = "COMMUNICATION_SAMPLES_CONNECTION_STRING";
const ENDPOINT: &str = "AZURE_COMMUNICATION_SERVICE_ENDPOINT";

/// What it prints to stdout and stderr, and whether it succeeds.
async fn run(connection_string: String, endpoint: String) -> (bool, String) {
    let run = move || {
        let mut chat = example::program("chat");
        let chat = chat.env(CONNECTION_STRING, connection_string);
        chat.env(ENDPOINT, endpoint).output()
    };
    let output = tokio::task::spawn_blocking(run).await.expect("no panic");
    let output = output.expect("examples are built with the tests");
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed).expect("text");
    (output.status.success(), printed)
}

#[tokio::test]
async fn chat_runs_against_what_they_name() {
    let emulator = Emulator::builder().start().await.expect("an emulator");
    let connection_string = emulator.connection_string();
    let endpoint = connection_string
        .strip_prefix("endpoint=")
        .and_then(|rest| rest.split(';').next())
        .expect("an endpoint");

    let (succeeds, printed) = run(connection_string.clone(), endpoint.to_owned()).await;
    assert!(succeeds, "{printed}");
    assert!(
        !printed.contains("an emulator in this process"),
        "{printed}"
    );
    assert!(printed.contains("Lunch"), "{printed}");

    // The endpoint is the one of the variable, not that of the connection string.
    let (succeeds, printed) = run(connection_string, "ftp://somewhere".to_owned()).await;
    assert!(!succeeds, "{printed}");
    assert!(
        printed.contains("the endpoint's scheme is not https"),
        "{printed}"
    );
    emulator.shutdown().await;
}
