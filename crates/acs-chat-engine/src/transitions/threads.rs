//! Creating, changing and deleting threads.

use std::sync::Arc;

use acs_types::Patch;

use super::participants::admissible;
use super::{patched, told_by};
use crate::caller::{Access, Caller, Directory};
use crate::command::{Answer, InvalidParticipant, NewParticipant, NewThread, ThreadPatch};
use crate::engine::{Engine, check_access, permitted, permitted_mut};
use crate::events::Teller;
use crate::limits::{check_batch, check_metadata, check_size_of_thread, check_topic};
use crate::message::{Body, MessageLog, News};
use crate::refusal::Refusal;
use crate::retention::RetentionPolicy;
use crate::thread::{Creation, CreationKey, Participant, Thread};

impl Engine {
    pub(crate) fn create_thread(
        &mut self,
        caller: &Caller,
        new: NewThread,
        directory: &dyn Directory,
    ) -> Result<Answer, Refusal> {
        check_access(caller, Access::Full)?;
        let request = new
            .repeatability_request_id
            .as_deref()
            .map(|id| CreationKey::from((caller.raw_id().into(), id.into())));
        // The service does not compare the bodies either (rule 14).
        if let Some(answer) = request.as_ref().and_then(|request| self.repeated(request)) {
            return Ok(answer);
        }
        check_topic(&new.topic)?;
        check_metadata("metadata", &new.metadata)?;
        check_batch(&new.participants)?;
        new.retention_policy
            .map_or(Ok(()), RetentionPolicy::check)?;
        let (participants, invalid) = first_participants(caller, new.participants, directory);
        check_size_of_thread(participants.len())?;

        let thread = Thread {
            id: self.ids.thread_id().into(),
            topic: new.topic.into(),
            created_on: self.now,
            created_by: Arc::clone(&caller.user),
            metadata: new.metadata.into(),
            retention_policy: new.retention_policy,
            participants,
            former: Vec::new(),
            receipts: Vec::new(),
            log: MessageLog::default(),
            creation: request.map(|request| Creation {
                request,
                invalid: invalid.clone(),
            }),
        };
        let thread_id = self.open(thread);
        Ok(Answer::Created { thread_id, invalid })
    }

    pub(crate) fn update_thread(
        &mut self,
        caller: &Caller,
        thread_id: &str,
        patch: ThreadPatch,
    ) -> Result<Answer, Refusal> {
        let thread = permitted_mut(&mut self.threads, caller, thread_id, Access::Full)?;
        patch.topic.as_deref().map_or(Ok(()), check_topic)?;
        let retention_policy = match patch.retention_policy {
            Patch::Keep => thread.retention_policy,
            Patch::Clear => None,
            Patch::Set(policy) => Some(policy),
        };
        retention_policy.map_or(Ok(()), RetentionPolicy::check)?;
        let metadata = patched(&thread.metadata, patch.metadata);
        check_metadata("metadata", &metadata)?;

        let is_told = patch.topic.is_some() || metadata != thread.metadata;
        thread.metadata = metadata;
        let before = thread.deadline();
        thread.retention_policy = retention_policy;
        let after = thread.deadline();
        if let Some(topic) = patch.topic {
            thread.topic = topic.into();
            self.arrived += 1;
            let news = News::TopicUpdated(Arc::clone(&thread.topic));
            thread
                .log
                .append(self.now, self.arrived, told_by(caller, news));
        }
        if is_told {
            let mut teller = Teller::new(&mut self.ids, &mut self.events, self.now);
            teller.properties_updated(thread, &caller.user);
        }
        let thread_id = Arc::clone(&thread.id);
        if let Some(at) = before {
            self.deadlines.remove(&(at, Arc::clone(&thread_id)));
        }
        if let Some(at) = after {
            self.deadlines.insert((at, thread_id));
        }
        Ok(Answer::Done)
    }

    pub(crate) fn delete_thread(
        &mut self,
        caller: &Caller,
        thread_id: &str,
    ) -> Result<Answer, Refusal> {
        permitted(&self.threads, caller, thread_id, Access::Full)?;
        if let Some(thread) = self.close(thread_id) {
            let mut teller = Teller::new(&mut self.ids, &mut self.events, self.now);
            teller.thread_deleted(&thread, &caller.user, Some(caller.raw_id()));
        }
        Ok(Answer::Done)
    }

    /// Deletes a thread whose time is over. Nobody has done it: events name the creator, and go to all participants.
    pub(crate) fn expire_thread(&mut self, thread_id: &str) {
        if let Some(thread) = self.close(thread_id) {
            let mut teller = Teller::new(&mut self.ids, &mut self.events, self.now);
            teller.thread_deleted(&thread, &thread.created_by, None);
        }
    }

    fn repeated(&self, request: &CreationKey) -> Option<Answer> {
        let thread = self.threads.get(self.creations.get(request)?)?;
        Some(Answer::Created {
            thread_id: Arc::clone(&thread.id),
            invalid: thread.creation.as_ref()?.invalid.clone(),
        })
    }

    /// Stores a new thread with the two messages that each begins with (rule 12).
    fn open(&mut self, mut thread: Thread) -> Arc<str> {
        let news = [
            News::ParticipantAdded(thread.participants.clone()),
            News::TopicUpdated(Arc::clone(&thread.topic)),
        ];
        for news in news {
            self.arrived += 1;
            let initiator = Arc::clone(&thread.created_by);
            let body = Body::System { initiator, news };
            thread.log.append(self.now, self.arrived, body);
        }
        for participant in &thread.participants {
            let threads = self.memberships.entry(participant.raw_id().into());
            threads.or_default().insert(Arc::clone(&thread.id));
        }
        if let Some(creation) = &thread.creation {
            let request = creation.request.clone();
            self.creations.insert(request, Arc::clone(&thread.id));
        }
        if let Some(at) = thread.deadline() {
            self.deadlines.insert((at, Arc::clone(&thread.id)));
        }
        Teller::new(&mut self.ids, &mut self.events, self.now).thread_created(&thread);
        let id = Arc::clone(&thread.id);
        self.threads.insert(Arc::clone(&id), thread);
        id
    }

    fn close(&mut self, thread_id: &str) -> Option<Thread> {
        let thread = self.threads.remove(thread_id)?;
        for participant in &thread.participants {
            if let Some(threads) = self.memberships.get_mut(participant.raw_id()) {
                threads.remove(thread_id);
            }
        }
        if let Some(creation) = &thread.creation {
            self.creations.remove(&creation.request);
        }
        if let Some(at) = thread.deadline() {
            self.deadlines.remove(&(at, Arc::clone(&thread.id)));
        }
        Some(thread)
    }
}

impl Thread {
    fn deadline(&self) -> Option<crate::time::Time> {
        self.retention_policy?.end(self.created_on)
    }
}

/// Whom a new thread begins with: the caller always (rule 11), first unless it is in the list.
fn first_participants(
    caller: &Caller,
    listed: Vec<NewParticipant>,
    directory: &dyn Directory,
) -> (Vec<Participant>, Vec<InvalidParticipant>) {
    let (mut participants, invalid) = admissible(listed, caller, directory);
    let is_in = participants
        .iter()
        .any(|participant| participant.raw_id() == caller.raw_id());
    if !is_in {
        let caller = NewParticipant::new(caller.user.as_ref().clone());
        participants.insert(0, Participant::new(caller));
    }
    (participants, invalid)
}
