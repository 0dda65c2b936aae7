//! The rules of chat, on the engine alone.

mod events;
mod lists;
mod messages;
mod notices;
mod participants;
mod threads;

use acs_types::CommunicationIdentifier;
use serde_json::{Value, json};

use super::*;
use crate::command::{InvalidParticipant, NewMessage, NewParticipant, NewThread};
use crate::events::EventKind;
use crate::refusal::RefusalKind;

const ALICE: &str = "8:acs:r_alice";
const BOB: &str = "8:acs:r_bob";
const CAROL: &str = "8:acs:r_carol";

/// What the service's newest version shows.
fn newest() -> Dialect {
    Dialect::of("2025-03-15")
}

fn user(raw_id: &str) -> CommunicationIdentifier {
    CommunicationIdentifier::parse_raw_id(raw_id).unwrap()
}

fn caller(raw_id: &str) -> Caller {
    Caller::new(user(raw_id), Access::Full)
}

/// An engine with a directory of everybody of the resource `r`, and a clock.
struct Chat {
    engine: Engine,
    now: Timestamp,
}

impl Chat {
    fn new() -> Self {
        Self {
            engine: Engine::new(1),
            now: Timestamp::parse("2024-01-01T12:00:00.25Z").unwrap(),
        }
    }

    fn wait(&mut self, seconds: u64) {
        let span = std::time::Duration::from_secs(seconds);
        self.now = self.now.checked_add(span).unwrap();
    }

    fn millis(&self) -> u64 {
        Time::from(self.now).unix_millis()
    }

    fn outcome(&mut self, caller: &Caller, command: Command) -> Outcome {
        let directory = |raw_id: &str| raw_id.starts_with("8:acs:r_");
        self.engine.apply(self.now, caller, command, &directory)
    }

    fn done(&mut self, raw_id: &str, command: Command) -> Vec<Event> {
        let outcome = self.outcome(&caller(raw_id), command);
        outcome.answer.unwrap();
        outcome.events
    }

    /// Fails the test unless the command is refused and changes nothing.
    #[track_caller]
    fn refused(&mut self, caller: &Caller, command: Command) -> Refusal {
        self.engine.tick(self.now);
        let before = self.engine.clone();
        let outcome = self.outcome(caller, command);
        assert_eq!(outcome.events, []);
        assert!(self.engine == before, "a refused command changed something");
        outcome.answer.unwrap_err()
    }

    fn create(&mut self, raw_id: &str, thread: NewThread) -> (Arc<str>, Vec<InvalidParticipant>) {
        let command = Command::CreateThread(thread);
        match self.outcome(&caller(raw_id), command).answer.unwrap() {
            Answer::Created { thread_id, invalid } => (thread_id, invalid),
            other => panic!("{other:?}"),
        }
    }

    /// A thread of Alice and Bob.
    fn thread(&mut self) -> Arc<str> {
        self.create(ALICE, with_participants(&[BOB])).0
    }

    fn send(&mut self, raw_id: &str, thread_id: &str, content: &str) -> String {
        let command = send(thread_id, content);
        match self.outcome(&caller(raw_id), command).answer.unwrap() {
            Answer::Sent { message_id } => message_id.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn message(&self, thread_id: &str, message_id: &str) -> Value {
        let caller = caller(ALICE);
        json!(
            self.engine
                .message(&caller, thread_id, message_id, newest())
                .unwrap()
        )
    }

    /// The contents of all messages that a user sees, newest first; system messages as their type.
    fn seen_by(&self, raw_id: &str, thread_id: &str) -> Vec<String> {
        let page = PageRequest {
            limit: 1000,
            ..PageRequest::default()
        };
        let page = self
            .engine
            .messages(&caller(raw_id), thread_id, &page, newest());
        page.unwrap().items.iter().map(gist).collect()
    }

    fn participants(&self, thread_id: &str) -> Value {
        let all = SkipRequest {
            skip: 0,
            limit: 1000,
        };
        let page = self
            .engine
            .participants(&caller(ALICE), thread_id, all, newest());
        json!(page.unwrap().items)
    }
}

/// What a message says, or its type.
fn gist(message: &MessageView<'_>) -> String {
    let message = json!(message);
    let text = message["content"]["message"].as_str();
    text.or(message["type"].as_str()).unwrap().to_owned()
}

fn with_participants(raw_ids: &[&str]) -> NewThread {
    NewThread {
        topic: "Topic".to_owned(),
        participants: raw_ids.iter().copied().map(participant).collect(),
        ..NewThread::default()
    }
}

fn participant(raw_id: &str) -> NewParticipant {
    NewParticipant::new(user(raw_id))
}

fn send(thread_id: &str, content: &str) -> Command {
    Command::SendMessage {
        thread_id: thread_id.to_owned(),
        message: NewMessage {
            content: content.to_owned(),
            ..NewMessage::default()
        },
    }
}

fn kinds(events: &[Event]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}
