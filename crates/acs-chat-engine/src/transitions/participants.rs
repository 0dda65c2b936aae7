//! Adding and removing participants.

use std::sync::Arc;

use acs_types::CommunicationIdentifier;

use super::told_by;
use crate::caller::{Access, Caller, Directory};
use crate::command::{Answer, InvalidParticipant, NewParticipant};
use crate::engine::{Engine, permitted_mut};
use crate::events::Teller;
use crate::limits::{check_batch, check_size_of_thread};
use crate::message::News;
use crate::refusal::Refusal;
use crate::thread::Participant;

impl Engine {
    pub(crate) fn add_participants(
        &mut self,
        caller: &Caller,
        thread_id: &str,
        listed: Vec<NewParticipant>,
        directory: &dyn Directory,
    ) -> Result<Answer, Refusal> {
        let thread = permitted_mut(&mut self.threads, caller, thread_id, Access::Join)?;
        check_batch(&listed)?;
        let (mut added, invalid) = admissible(listed, caller, directory);
        // Those who are in already stay as they are (rule 57).
        added.retain(|participant| thread.participant(participant.raw_id()).is_none());
        check_size_of_thread(thread.participants.len() + added.len())?;
        if added.is_empty() {
            return Ok(Answer::Added { invalid });
        }

        for participant in &added {
            let threads = self.memberships.entry(participant.raw_id().into());
            threads.or_default().insert(Arc::clone(&thread.id));
            thread.admit(participant.clone());
        }
        self.arrived += 1;
        let news = News::ParticipantAdded(added.clone());
        thread
            .log
            .append(self.now, self.arrived, told_by(caller, news));
        let mut teller = Teller::new(&mut self.ids, &mut self.events, self.now);
        teller.participants_added(thread, &caller.user, &added);
        Ok(Answer::Added { invalid })
    }

    pub(crate) fn remove_participant(
        &mut self,
        caller: &Caller,
        thread_id: &str,
        participant: &CommunicationIdentifier,
    ) -> Result<Answer, Refusal> {
        let thread = permitted_mut(&mut self.threads, caller, thread_id, Access::Join)?;
        let raw_id = participant.raw_id();
        let removed = thread
            .dismiss(raw_id)
            .ok_or_else(|| Refusal::not_found("participant", raw_id))?;

        if let Some(threads) = self.memberships.get_mut(raw_id) {
            threads.remove(thread_id);
        }
        self.arrived += 1;
        let news = News::ParticipantRemoved(vec![removed.clone()]);
        thread
            .log
            .append(self.now, self.arrived, told_by(caller, news));
        let mut teller = Teller::new(&mut self.ids, &mut self.events, self.now);
        teller.participant_removed(thread, &caller.user, &removed);
        Ok(Answer::Done)
    }
}

/// Who of a list can be a participant, each once, and who cannot.
pub(super) fn admissible(
    listed: Vec<NewParticipant>,
    caller: &Caller,
    directory: &dyn Directory,
) -> (Vec<Participant>, Vec<InvalidParticipant>) {
    let (mut admitted, mut invalid) = (Vec::<Participant>::new(), Vec::new());
    for new in listed {
        let raw_id = new.identifier.raw_id();
        let is_listed_before = admitted
            .iter()
            .any(|participant| participant.raw_id() == raw_id);
        match new.identifier {
            _ if is_listed_before => {}
            CommunicationIdentifier::CommunicationUser(_)
                if raw_id == caller.raw_id() || directory.has_user(raw_id) =>
            {
                admitted.push(Participant::new(new));
            }
            CommunicationIdentifier::CommunicationUser(_) | CommunicationIdentifier::Unknown(_) => {
                invalid.push(InvalidParticipant::unknown(&new.identifier));
            }
            // Phone numbers and people of Teams exist, but not in ordinary threads (rule 54).
            _ => invalid.push(InvalidParticipant::forbidden(&new.identifier)),
        }
    }
    (admitted, invalid)
}
