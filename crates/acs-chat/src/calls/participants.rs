//! Creating threads and adding participants: the calls that may succeed in part.

use std::future::IntoFuture;
use std::num::NonZeroUsize;

use acs_core::{CallFuture, ConfigError, Pipeline, Result};
use acs_core_chat::client;
use acs_core_chat::models::{
    AddChatParticipantsRequest, ChatRetentionPolicy, CreateChatThreadRequest,
};
use acs_core_chat::operations::{ADD_CHAT_PARTICIPANTS, CREATE_CHAT_THREAD};
use acs_types::CommunicationIdentifier;

use super::Thread;
use super::threads::check_topic;
use crate::models::{ChatParticipant, raw_participants};
use crate::outcome::{AddedInBatches, AddedParticipants, CreatedThread, Interrupted};

/// Creates a thread. Set options if need be, then await it.
///
/// The call carries an idempotency token, the same in all its attempts, and so is repeated like a read when its answer is
/// lost. When the future is dropped, the service may have created the thread: whoever wants to be sure sets the token and
/// makes the call again with it, which gives that thread.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct CreateThread {
    pipeline: Pipeline,
    topic: String,
    participants: Vec<ChatParticipant>,
    metadata: Vec<(String, String)>,
    retention_policy: Option<ChatRetentionPolicy>,
    idempotency_token: Option<String>,
}

impl CreateThread {
    pub(crate) fn new(pipeline: &Pipeline, topic: String) -> Self {
        Self {
            pipeline: pipeline.clone(),
            topic,
            participants: Vec::new(),
            metadata: Vec::new(),
            retention_policy: None,
            idempotency_token: None,
        }
    }

    /// Adds a participant; once for each. The user takes part in any case. At most 200 in one call.
    pub fn participant(mut self, participant: impl Into<ChatParticipant>) -> Self {
        self.participants.push(participant.into());
        self
    }

    /// Adds participants, at most 200 in one call.
    pub fn participants(mut self, participants: impl IntoIterator<Item = ChatParticipant>) -> Self {
        self.participants.extend(participants);
        self
    }

    /// Keeps a text with the thread, up to 1 kB all in all, names included; once for each.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.push((key.into(), value.into()));
        self
    }

    /// How long the thread is kept: [`ThreadCreationDateRetentionPolicy`](crate::ThreadCreationDateRetentionPolicy) with 30 to
    /// 90 days after its creation, or [`NoneRetentionPolicy`](crate::NoneRetentionPolicy). Default: until it is deleted.
    pub fn retention_policy(mut self, policy: impl Into<ChatRetentionPolicy>) -> Self {
        self.retention_policy = Some(policy.into());
        self
    }

    /// The text by which the service recognises a repetition, even one by another process: it answers with the thread that
    /// the first call made, whatever else the later one says. Default: a new UUID for each call.
    ///
    /// Printable ASCII without blanks.
    pub fn idempotency_token(mut self, token: impl Into<String>) -> Self {
        self.idempotency_token = Some(token.into());
        self
    }
}

impl IntoFuture for CreateThread {
    type Output = Result<CreatedThread>;
    type IntoFuture = CallFuture<CreatedThread>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_topic(&self.topic)?;
            check_identifiers(&self.participants)?;
            let token = match self.idempotency_token {
                Some(token) => checked_token(token)?,
                None => new_token(),
            };
            let mut body = CreateChatThreadRequest::new(self.topic);
            if !self.participants.is_empty() {
                body = body.participants(raw_participants(&self.participants));
            }
            if !self.metadata.is_empty() {
                body = body.metadata(self.metadata);
            }
            body.retention_policy = self.retention_policy;
            let call = self.pipeline.call(&CREATE_CHAT_THREAD);
            let result = client(&call).create_chat_thread(Some(&token), &body).await;
            let answer = call.finish_as(result)?;
            Ok(CreatedThread::new(answer, self.participants))
        })
    }
}

/// A fresh UUID. It need not be hard to guess, only unlikely to be given twice.
fn new_token() -> String {
    let uuid = uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid();
    uuid.to_string()
}

fn checked_token(token: String) -> Result<String> {
    if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(token);
    }
    Err(ConfigError::new(
        "the idempotency token is unusable: it must be printable ASCII without blanks, and not empty",
    )
    .into())
}

/// Adds participants in one call.
pub(crate) async fn add(
    thread: Thread,
    participants: Vec<ChatParticipant>,
) -> Result<AddedParticipants> {
    check_participants(&participants)?;
    let call = thread.call(&ADD_CHAT_PARTICIPANTS)?;
    let body = AddChatParticipantsRequest::new(raw_participants(&participants));
    let result = client(&call).add_chat_participants(&thread.id, &body).await;
    let answer = call.finish_as(result)?;
    Ok(AddedParticipants::new(answer, participants))
}

/// Refuses a list without participants, and one in which somebody is nobody.
fn check_participants(participants: &[ChatParticipant]) -> Result<()> {
    if participants.is_empty() {
        return Err(ConfigError::new("there are no participants to add: name at least one").into());
    }
    check_identifiers(participants)
}

fn check_identifiers(participants: &[ChatParticipant]) -> Result<()> {
    for (index, participant) in participants.iter().enumerate() {
        check_identifier(&format!("participants[{index}]"), &participant.identifier)?;
    }
    Ok(())
}

/// Refuses an identifier that names nobody.
pub(crate) fn check_identifier(name: &str, identifier: &CommunicationIdentifier) -> Result<()> {
    let parsed = CommunicationIdentifier::parse_raw_id(identifier.raw_id());
    parsed.map(drop).map_err(|error| {
        ConfigError::new(format!("the identifier of {name} is unusable: {error}")).into()
    })
}

/// Adds any number of participants, in as many calls as it takes, one after the other. Await it.
///
/// Those whom the service refuses are collected and do not keep the others out. A call that fails as a whole, after its
/// retries, ends the work; the outcome says what is left. When the future is dropped, the batches until then may have been
/// added; adding all again is safe.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct AddInBatches {
    thread: Thread,
    participants: Vec<ChatParticipant>,
    batch_size: NonZeroUsize,
}

impl AddInBatches {
    pub(crate) fn new(thread: &Thread, participants: Vec<ChatParticipant>) -> Self {
        const LARGEST: NonZeroUsize = NonZeroUsize::new(200).expect("two hundred is not zero");
        Self {
            thread: thread.clone(),
            participants,
            batch_size: LARGEST,
        }
    }

    /// How many participants one call adds at most. Default: 200, which is the most that the service takes. Zero counts as one.
    pub fn batch_size(mut self, participants: usize) -> Self {
        self.batch_size = NonZeroUsize::new(participants).unwrap_or(NonZeroUsize::MIN);
        self
    }
}

impl IntoFuture for AddInBatches {
    type Output = Result<AddedInBatches>;
    type IntoFuture = CallFuture<AddedInBatches>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_participants(&self.participants)?;
            self.thread.check()?;
            let mut outcome = AddedInBatches {
                failed: Vec::new(),
                interrupted: None,
            };
            let mut left = &self.participants[..];
            while !left.is_empty() {
                let (batch, rest) = left.split_at(left.len().min(self.batch_size.get()));
                match add(self.thread.clone(), batch.to_vec()).await {
                    Ok(added) => outcome.failed.extend(added.failed),
                    Err(error) => {
                        let left = left.to_vec();
                        outcome.interrupted = Some(Interrupted { error, left });
                        break;
                    }
                }
                left = rest;
            }
            Ok(outcome)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{checked_token, new_token};

    #[test]
    fn tokens_of_our_own_are_uuids_and_differ() {
        let token = new_token();
        assert_eq!(
            token
                .parse::<uuid::Uuid>()
                .expect("a UUID")
                .get_version_num(),
            4
        );
        assert_ne!(token, new_token());
    }

    #[test]
    fn a_token_that_a_header_cannot_carry_is_refused() {
        for token in ["", "two words", "line\nbreak", "größe"] {
            let error = checked_token(token.to_owned()).expect_err(token);
            assert!(error.to_string().contains("idempotency token"), "{error}");
        }
        assert!(checked_token("contoso-F0A747F1".to_owned()).is_ok());
    }
}
