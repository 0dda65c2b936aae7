//! What to tell of each happening, to whom, and under which subject (rules 80 to 84).

use std::sync::Arc;

use acs_types::CommunicationIdentifier;

use super::data::{Data, MessagePart, Particulars, Properties, Recipient, Who};
use super::{Event, EventData, EventKind};
use crate::command::Metadata;
use crate::ids::IdSource;
use crate::message::{Message, MessageType, SentBody};
use crate::thread::{Participant, Thread};
use crate::time::{EventTime, Form, Time};

/// Tells the happenings of one command.
pub(crate) struct Teller<'e> {
    ids: &'e mut IdSource,
    events: &'e mut Vec<Event>,
    now: Time,
    transaction_id: Arc<str>,
}

/// What happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happened {
    Received,
    Edited,
    Deleted,
}

/// The kind and the subject of a happening: of the events for a user, and of the one for the thread.
struct Told<'e> {
    for_user: (EventKind, &'static str),
    in_thread: (EventKind, &'static str),
    /// Whom the subject names: the one who acted, or the one it happened to.
    named: &'e str,
    /// Whether events for a user have the older flat `recipientId`.
    flat: bool,
}

type Identifier = Arc<CommunicationIdentifier>;

impl<'e> Teller<'e> {
    pub(crate) fn new(ids: &'e mut IdSource, events: &'e mut Vec<Event>, now: Time) -> Self {
        Self {
            transaction_id: ids.uuid().to_string().into(),
            ids,
            events,
            now,
        }
    }

    pub(crate) fn message(
        &mut self,
        thread: &Thread,
        message: &Message,
        body: &SentBody,
        happened: Happened,
    ) {
        let (for_user, in_thread) = match happened {
            Happened::Received => (
                EventKind::ChatMessageReceived,
                EventKind::ChatMessageReceivedInThread,
            ),
            Happened::Edited => (
                EventKind::ChatMessageEdited,
                EventKind::ChatMessageEditedInThread,
            ),
            Happened::Deleted => (
                EventKind::ChatMessageDeleted,
                EventKind::ChatMessageDeletedInThread,
            ),
        };
        let sender = body.sender.raw_id();
        let told = Told {
            for_user: (for_user, "sender"),
            in_thread: (in_thread, "sender"),
            named: sender,
            flat: true,
        };
        let recipients = others(thread, Some(sender));
        let has_body = happened != Happened::Deleted;
        self.tell(thread, &told, &recipients, |form| {
            let time = |at| EventTime { at, form };
            Particulars::Message(MessagePart {
                message_id: message.id.to_string(),
                sender_communication_identifier: Who(Arc::clone(&body.sender)),
                sender_id: flat(form, sender),
                sender_display_name: Arc::clone(&body.sender_display_name),
                compose_time: time(message.created_on),
                message_type: body.message_type.in_events(),
                version: message.version,
                message_body: has_body.then(|| Arc::clone(&body.content)),
                metadata: has_body.then(|| Arc::clone(&body.metadata)),
                edit_time: message.edited_on.map(time),
                delete_time: message.deleted_on.map(time),
            })
        });
    }

    pub(crate) fn typing(&mut self, thread: &Thread, sender: &Identifier, name: String) {
        let form = Form::InThread;
        let stamp = self.version(thread);
        let particulars = Particulars::Message(MessagePart {
            message_id: stamp.to_string(),
            sender_communication_identifier: Who(Arc::clone(sender)),
            sender_id: None,
            sender_display_name: name.into(),
            compose_time: EventTime { at: self.now, form },
            message_type: MessageType::Text.in_events(),
            version: stamp,
            message_body: Some(Arc::default()),
            metadata: Some(Arc::new(Metadata::new())),
            edit_time: None,
            delete_time: None,
        });
        let subject = format!("thread/{}/sender/{}", thread.id, sender.raw_id());
        let kind = EventKind::ChatTypingIndicatorReceivedInThread;
        self.push(thread, kind, subject, None, particulars);
    }

    pub(crate) fn thread_created(&mut self, thread: &Thread) {
        let creator = &thread.created_by;
        let told = Told {
            for_user: (EventKind::ChatThreadCreatedWithUser, "createdBy"),
            in_thread: (EventKind::ChatThreadCreated, "createdBy"),
            named: creator.raw_id(),
            flat: true,
        };
        let recipients = others(thread, Some(creator.raw_id()));
        self.tell(thread, &told, &recipients, |form| {
            let members = &thread.participants;
            Particulars::ThreadCreated {
                create_time: created(thread, form),
                version: thread.log.last_stamp(),
                created_by_communication_identifier: Who(Arc::clone(creator)),
                created_by: flat(form, creator.raw_id()),
                properties: properties(thread),
                metadata: Arc::clone(&thread.metadata),
                participants: members.iter().map(From::from).collect(),
                members: (form == Form::PerUser).then(|| members.iter().map(From::from).collect()),
            }
        });
    }

    /// `caller` is who does it; none when the thread's time is over.
    pub(crate) fn thread_deleted(
        &mut self,
        thread: &Thread,
        deleted_by: &Identifier,
        caller: Option<&str>,
    ) {
        let told = Told {
            for_user: (EventKind::ChatThreadWithUserDeleted, "deletedBy"),
            in_thread: (EventKind::ChatThreadDeleted, "deletedBy"),
            named: deleted_by.raw_id(),
            flat: true,
        };
        let (at, version) = (self.now, self.version(thread));
        self.tell(thread, &told, &others(thread, caller), |form| {
            Particulars::ThreadDeleted {
                create_time: created(thread, form),
                version,
                deleted_by_communication_identifier: Who(Arc::clone(deleted_by)),
                deleted_by: flat(form, deleted_by.raw_id()),
                delete_time: EventTime { at, form },
            }
        });
    }

    pub(crate) fn properties_updated(&mut self, thread: &Thread, editor: &Identifier) {
        let told = Told {
            for_user: (EventKind::ChatThreadPropertiesUpdatedPerUser, "editedBy"),
            in_thread: (EventKind::ChatThreadPropertiesUpdated, "editedBy"),
            named: editor.raw_id(),
            flat: true,
        };
        let (at, version) = (self.now, self.version(thread));
        let recipients = others(thread, Some(editor.raw_id()));
        self.tell(thread, &told, &recipients, |form| {
            Particulars::PropertiesUpdated {
                create_time: created(thread, form),
                version,
                edited_by_communication_identifier: Who(Arc::clone(editor)),
                edited_by: flat(form, editor.raw_id()),
                edit_time: EventTime { at, form },
                properties: properties(thread),
                metadata: Arc::clone(&thread.metadata),
            }
        });
    }

    /// One happening for each of them (rule 82). The added ones are told as well.
    pub(crate) fn participants_added(
        &mut self,
        thread: &Thread,
        added_by: &Identifier,
        added: &[Participant],
    ) {
        let recipients = others(thread, Some(added_by.raw_id()));
        let (at, version) = (self.now, self.version(thread));
        for participant in added {
            let told = Told {
                for_user: (
                    EventKind::ChatParticipantAddedToThreadWithUser,
                    "participantAdded",
                ),
                in_thread: (EventKind::ChatThreadParticipantAdded, "participantadded"),
                named: participant.raw_id(),
                flat: false,
            };
            self.tell(thread, &told, &recipients, |form| {
                Particulars::ParticipantAdded {
                    time: EventTime { at, form },
                    added_by_communication_identifier: Who(Arc::clone(added_by)),
                    participant_added: participant.into(),
                    create_time: (form == Form::PerUser).then(|| created(thread, form)),
                    version,
                }
            });
        }
    }

    /// The removed one is told as well.
    pub(crate) fn participant_removed(
        &mut self,
        thread: &Thread,
        removed_by: &Identifier,
        removed: &Participant,
    ) {
        let told = Told {
            for_user: (
                EventKind::ChatParticipantRemovedFromThreadWithUser,
                "participantRemoved",
            ),
            in_thread: (
                EventKind::ChatThreadParticipantRemoved,
                "participantremoved",
            ),
            named: removed.raw_id(),
            flat: false,
        };
        let mut recipients = others(thread, Some(removed_by.raw_id()));
        if removed.raw_id() != removed_by.raw_id() {
            recipients.push(Arc::clone(&removed.identifier));
        }
        let (at, version) = (self.now, self.version(thread));
        self.tell(thread, &told, &recipients, |form| {
            Particulars::ParticipantRemoved {
                time: EventTime { at, form },
                removed_by_communication_identifier: Who(Arc::clone(removed_by)),
                participant_removed: removed.into(),
                create_time: (form == Form::PerUser).then(|| created(thread, form)),
                version,
            }
        });
    }

    fn tell(
        &mut self,
        thread: &Thread,
        told: &Told<'_>,
        recipients: &[Identifier],
        particulars: impl Fn(Form) -> Particulars,
    ) {
        let (kind, word) = told.for_user;
        for recipient in recipients {
            let raw_id = recipient.raw_id();
            let subject = format!(
                "thread/{}/{word}/{}/recipient/{raw_id}",
                thread.id, told.named
            );
            let recipient = Recipient {
                recipient_communication_identifier: Who(Arc::clone(recipient)),
                recipient_id: told.flat.then(|| raw_id.to_owned()),
            };
            let particulars = particulars(Form::PerUser);
            self.push(thread, kind, subject, Some(recipient), particulars);
        }
        let (kind, word) = told.in_thread;
        let subject = format!("thread/{}/{word}/{}", thread.id, told.named);
        self.push(thread, kind, subject, None, particulars(Form::InThread));
    }

    fn push(
        &mut self,
        thread: &Thread,
        kind: EventKind,
        subject: String,
        recipient: Option<Recipient>,
        particulars: Particulars,
    ) {
        self.events.push(Event {
            id: self.ids.uuid(),
            kind,
            subject,
            time: self.now.timestamp(),
            data: EventData(Data {
                recipient,
                transaction_id: Arc::clone(&self.transaction_id),
                thread_id: Arc::clone(&thread.id),
                particulars,
            }),
        });
    }

    /// The version of a thread: the time of its last change, on the scale of the versions of its messages.
    fn version(&self, thread: &Thread) -> u64 {
        self.now.unix_millis().max(thread.log.last_stamp())
    }
}

fn others(thread: &Thread, actor: Option<&str>) -> Vec<Identifier> {
    let others = thread
        .participants
        .iter()
        .filter(|participant| Some(participant.raw_id()) != actor);
    others
        .map(|participant| Arc::clone(&participant.identifier))
        .collect()
}

fn created(thread: &Thread, form: Form) -> EventTime {
    EventTime {
        at: thread.created_on,
        form,
    }
}

fn properties(thread: &Thread) -> Properties {
    Properties {
        topic: Arc::clone(&thread.topic),
    }
}

fn flat(form: Form, raw_id: &str) -> Option<String> {
    (form == Form::PerUser).then(|| raw_id.to_owned())
}
