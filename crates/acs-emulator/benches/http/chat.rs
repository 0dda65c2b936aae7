//! Sending chat messages, on 32 connections at once, each in a thread of its own.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Client, NO_ID, Outcome, ROUNDS, Server, all, median};

const CONNECTIONS: usize = 32;
const MESSAGES_A_ROUND: usize = 100;

/// CPU time of a message.
struct Round {
    echo: Duration,
    emulator: Duration,
}

/// A connection of a user, and the thread it writes in.
struct Sender {
    client: Client,
    token: String,
    thread: String,
}

pub(crate) async fn compare() -> Outcome {
    let mut echo = Server::start("echo", 0)?;
    let mut emulator = Server::start("emulator", 0)?;
    let to_echo = senders(&echo, NO_ID, NO_ID)?;
    let user = Client::new(&emulator.endpoint, 0)?;
    let token = user_token(&user).await?;
    let mut to_emulator = senders(&emulator, &token, NO_ID)?;
    for sender in &mut to_emulator {
        sender.thread = sender.create_thread().await?;
    }
    println!(
        "\n{CONNECTIONS} connections, {ROUNDS} rounds of {} chat messages to each server",
        CONNECTIONS * MESSAGES_A_ROUND
    );

    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 0..=ROUNDS {
        let measured = Round {
            echo: send_all(&mut echo, &to_echo).await?,
            emulator: send_all(&mut emulator, &to_emulator).await?,
        };
        // The first one warms up.
        if round > 0 {
            rounds.push(measured);
        }
    }
    let ratio = |round: &Round| round.echo.as_secs_f64() / round.emulator.as_secs_f64();
    println!(
        "rate of messages against the echo (must 0.5): {:.2} (lowest {:.2}, highest {:.2})",
        median(&rounds, ratio),
        rounds.iter().map(ratio).fold(f64::INFINITY, f64::min),
        rounds.iter().map(ratio).fold(0.0, f64::max),
    );
    Ok(())
}

fn senders(server: &Server, token: &str, thread: &str) -> Outcome<Vec<Sender>> {
    let sender = |number| {
        Ok(Sender {
            client: Client::new(&server.endpoint, number)?,
            token: token.to_owned(),
            thread: thread.to_owned(),
        })
    };
    (0..CONNECTIONS).map(sender).collect()
}

async fn user_token(client: &Client) -> Outcome<String> {
    let target = "/identities?api-version=2023-10-01";
    let body = json!({ "createTokenWithScopes": ["chat"] });
    let created = client.signed(Method::POST, target, Some(body)).await?;
    let token = created["accessToken"]["token"].as_str();
    Ok(token.ok_or("no token")?.to_owned())
}

/// CPU time of the server per message.
async fn send_all(server: &mut Server, senders: &[Sender]) -> Outcome<Duration> {
    let before = server.cpu_time()?;
    all(senders.iter().map(Sender::send_messages)).await?;
    let messages = u32::try_from(CONNECTIONS * MESSAGES_A_ROUND)?;
    Ok((server.cpu_time()? - before) / messages)
}

impl Sender {
    async fn create_thread(&self) -> Outcome<String> {
        let target = "/chat/threads?api-version=2025-03-15";
        let created = self.post(target, json!({ "topic": "bench" })).await?;
        let id = created["chatThread"]["id"].as_str().ok_or("no thread")?;
        Ok(id.replace(':', "%3A").replace('@', "%40"))
    }

    async fn send_messages(&self) -> Outcome {
        let target = format!(
            "/chat/threads/{}/messages?api-version=2025-03-15",
            self.thread
        );
        for _ in 0..MESSAGES_A_ROUND {
            let message = json!({
                "content": "Half past twelve, at the usual place?",
                "senderDisplayName": "Ann",
                "type": "text",
            });
            self.post(&target, message).await?;
        }
        Ok(())
    }

    async fn post(&self, target: &str, body: Value) -> Outcome<Value> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str())];
        let body = body.to_string();
        self.client.send(Method::POST, target, headers, body).await
    }
}
