//! The engine: all threads of one resource, and the one way to change them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::mem;
use std::sync::Arc;

use acs_types::Timestamp;

use crate::caller::{Access, Caller, Directory};
use crate::command::{Answer, Command, Outcome};
use crate::events::Event;
use crate::ids::IdSource;
use crate::list::{Cursor, Page, PageRequest, SkipRequest};
use crate::message::Message;
use crate::refusal::Refusal;
use crate::thread::{CreationKey, Thread};
use crate::time::Time;
use crate::view::{Dialect, MessageView, ParticipantView, ReceiptView, ThreadItemView, ThreadView};

/// The threads of one resource.
///
/// Nothing in here reads a clock, draws randomness from outside, or does I/O: the same seed and the same commands at the same
/// times give the same state, answers and events. A clone is an independent copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Engine {
    pub(crate) now: Time,
    pub(crate) ids: IdSource,
    pub(crate) threads: Threads,
    /// The threads of each participant.
    pub(crate) memberships: HashMap<Box<str>, HashSet<Arc<str>>>,
    pub(crate) creations: HashMap<CreationKey, Arc<str>>,
    pub(crate) deadlines: BTreeSet<(Time, Arc<str>)>,
    /// How many messages have arrived in all threads.
    pub(crate) arrived: u64,
    pub(crate) events: Vec<Event>,
}

pub(crate) type Threads = HashMap<Arc<str>, Thread>;

impl Engine {
    /// An engine without threads, whose ids follow from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            now: Time::BEGINNING,
            ids: IdSource::new(seed),
            threads: HashMap::new(),
            memberships: HashMap::new(),
            creations: HashMap::new(),
            deadlines: BTreeSet::new(),
            arrived: 0,
            events: Vec::new(),
        }
    }

    /// Carries out a caller's command at the given time; the directory says who may be added to a thread.
    ///
    /// First every deadline up to that time passes, each at its own time and in order. A refused command changes nothing beyond
    /// that. Times count in milliseconds. A time before that of the previous command counts as that time.
    pub fn apply(
        &mut self,
        now: Timestamp,
        caller: &Caller,
        command: Command,
        directory: &dyn Directory,
    ) -> Outcome {
        self.pass_deadlines(now);
        let answer = self.run(caller, command, directory);
        Outcome {
            answer,
            events: mem::take(&mut self.events),
        }
    }

    /// Lets the deadlines up to a time pass; tells what happened.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Event> {
        self.pass_deadlines(now);
        mem::take(&mut self.events)
    }

    /// When something will happen by itself next: the latest time for a [`tick`](Self::tick), if no command comes before.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(at, _)| at.timestamp())
    }

    /// Takes a deleted user out of all threads, without a message and without events: nobody has done it. What the user has
    /// sent stays.
    pub fn forget_user(&mut self, raw_id: &str) {
        for thread in self.threads.values_mut() {
            thread.forget(raw_id);
        }
        self.memberships.remove(raw_id);
        self.creations.retain(|(user, _), _| **user != *raw_id);
    }

    fn pass_deadlines(&mut self, now: Timestamp) {
        let now = Time::from(now).max(self.now);
        while self.deadlines.first().is_some_and(|(at, _)| *at <= now)
            && let Some((at, thread_id)) = self.deadlines.pop_first()
        {
            self.now = at.max(self.now);
            self.expire_thread(&thread_id);
        }
        self.now = now;
    }

    fn run(
        &mut self,
        caller: &Caller,
        command: Command,
        directory: &dyn Directory,
    ) -> Result<Answer, Refusal> {
        match command {
            Command::CreateThread(thread) => self.create_thread(caller, thread, directory),
            Command::UpdateThread { thread_id, patch } => {
                self.update_thread(caller, &thread_id, patch)
            }
            Command::DeleteThread { thread_id } => self.delete_thread(caller, &thread_id),
            Command::AddParticipants {
                thread_id,
                participants,
            } => self.add_participants(caller, &thread_id, participants, directory),
            Command::RemoveParticipant {
                thread_id,
                participant,
            } => self.remove_participant(caller, &thread_id, &participant),
            Command::SendMessage { thread_id, message } => {
                self.send_message(caller, &thread_id, message)
            }
            Command::EditMessage {
                thread_id,
                message_id,
                patch,
            } => self.edit_message(caller, &thread_id, &message_id, patch),
            Command::DeleteMessage {
                thread_id,
                message_id,
            } => self.delete_message(caller, &thread_id, &message_id),
            Command::SendReadReceipt {
                thread_id,
                message_id,
            } => self.send_read_receipt(caller, &thread_id, &message_id),
            Command::SendTyping {
                thread_id,
                sender_display_name,
            } => self.send_typing(caller, &thread_id, sender_display_name),
        }
    }
}

/// Reading. What is read is as of the last command or tick.
///
/// # Errors
///
/// All reads but [`threads`](Self::threads) fail when there is no such thread, or the caller takes no part in it.
impl Engine {
    /// A thread.
    pub fn thread(
        &self,
        caller: &Caller,
        thread_id: &str,
        dialect: Dialect,
    ) -> Result<ThreadView<'_>, Refusal> {
        let thread = permitted(&self.threads, caller, thread_id, Access::JoinLimited)?;
        Ok(ThreadView { thread, dialect })
    }

    /// The threads that the caller takes part in, those with the latest message first.
    ///
    /// # Errors
    ///
    /// The cursor is that of another list.
    pub fn threads(
        &self,
        caller: &Caller,
        page: &PageRequest,
    ) -> Result<Page<ThreadItemView<'_>, Cursor>, Refusal> {
        let list = caller.raw_id();
        let (last, snapshot) = begin(page, list, self.arrived)?;
        let start = start_of(page);
        let memberships = self.memberships.get(list).into_iter().flatten();
        let mut found: Vec<(&Message, &Thread)> = memberships
            .filter_map(|thread_id| self.threads.get(thread_id))
            .filter_map(|thread| Some((thread.log.last_of(snapshot)?, thread)))
            .filter(|(newest, thread)| newest.serial < last && thread.log.last_stamp() >= start)
            .collect();
        found.sort_unstable_by_key(|(newest, _)| std::cmp::Reverse(newest.serial));
        let items = found.into_iter().map(|(newest, thread)| {
            let item = ThreadItemView {
                thread,
                last_message_received_on: thread
                    .log
                    .last_of(self.arrived)
                    .map(|message| message.created_on),
            };
            (newest.serial, item)
        });
        Ok(cut(items, page.limit, list, snapshot))
    }

    /// A message that the caller sees.
    pub fn message(
        &self,
        caller: &Caller,
        thread_id: &str,
        message_id: &str,
        dialect: Dialect,
    ) -> Result<MessageView<'_>, Refusal> {
        let thread = find(&self.threads, thread_id)?;
        let window = thread
            .window_of(caller.raw_id())
            .ok_or_else(not_a_participant)?;
        let message = find_message(thread, message_id)
            .map(|index| thread.log.at(index))
            .filter(|message| window.shows(message))
            .ok_or_else(|| Refusal::not_found("message", message_id))?;
        Ok(MessageView { message, dialect })
    }

    /// The messages that the caller sees, newest first.
    ///
    /// # Errors
    ///
    /// Also when the cursor is that of another list.
    pub fn messages(
        &self,
        caller: &Caller,
        thread_id: &str,
        page: &PageRequest,
        dialect: Dialect,
    ) -> Result<Page<MessageView<'_>, Cursor>, Refusal> {
        let thread = find(&self.threads, thread_id)?;
        let window = thread
            .window_of(caller.raw_id())
            .ok_or_else(not_a_participant)?;
        let (last, snapshot) = begin(page, thread_id, thread.log.newest())?;
        let start = start_of(page);
        let found = thread
            .log
            .below(last, snapshot)
            .filter(|(_, message)| window.shows(message) && message.version >= start)
            .map(|(place, message)| (place, MessageView { message, dialect }));
        Ok(cut(found, page.limit, thread_id, snapshot))
    }

    /// The participants, in the order in which they joined.
    pub fn participants(
        &self,
        caller: &Caller,
        thread_id: &str,
        page: SkipRequest,
        dialect: Dialect,
    ) -> Result<Page<ParticipantView<'_>, usize>, Refusal> {
        let thread = permitted(&self.threads, caller, thread_id, Access::JoinLimited)?;
        let view = |participant| ParticipantView {
            participant,
            dialect,
        };
        Ok(skipped(&thread.participants, page, view))
    }

    /// How far the participants have read.
    pub fn receipts(
        &self,
        caller: &Caller,
        thread_id: &str,
        page: SkipRequest,
        dialect: Dialect,
    ) -> Result<Page<ReceiptView<'_>, usize>, Refusal> {
        let thread = permitted(&self.threads, caller, thread_id, Access::JoinLimited)?;
        let view = |receipt| ReceiptView { receipt, dialect };
        Ok(skipped(&thread.receipts, page, view))
    }
}

pub(crate) fn find<'e>(threads: &'e Threads, thread_id: &str) -> Result<&'e Thread, Refusal> {
    threads
        .get(thread_id)
        .ok_or_else(|| Refusal::not_found("thread", thread_id))
}

/// The thread, if the caller takes part in it and its token allows that much.
pub(crate) fn permitted<'e>(
    threads: &'e Threads,
    caller: &Caller,
    thread_id: &str,
    needed: Access,
) -> Result<&'e Thread, Refusal> {
    let thread = find(threads, thread_id)?;
    check_access(caller, needed)?;
    match thread.participant(caller.raw_id()) {
        Some(_) => Ok(thread),
        None => Err(not_a_participant()),
    }
}

/// The same, to be changed.
pub(crate) fn permitted_mut<'e>(
    threads: &'e mut Threads,
    caller: &Caller,
    thread_id: &str,
    needed: Access,
) -> Result<&'e mut Thread, Refusal> {
    permitted(threads, caller, thread_id, needed)?;
    threads
        .get_mut(thread_id)
        .ok_or_else(|| Refusal::not_found("thread", thread_id))
}

pub(crate) fn check_access(caller: &Caller, needed: Access) -> Result<(), Refusal> {
    if caller.access >= needed {
        return Ok(());
    }
    let reason = match needed {
        Access::Full => "The token needs the scope chat.",
        Access::Join | Access::JoinLimited => "The token needs the scope chat or chat.join.",
    };
    Err(Refusal::forbidden(reason))
}

/// The index of a message by its id as callers write it: decimal digits, without anything before them.
pub(crate) fn find_message(thread: &Thread, message_id: &str) -> Option<usize> {
    let id: u64 = message_id.parse().ok()?;
    thread.log.find(id).filter(|_| id.to_string() == message_id)
}

fn not_a_participant() -> Refusal {
    Refusal::forbidden("The caller is not a participant of the thread.")
}

/// Below which place a page begins, and what was newest when its list was begun.
fn begin(page: &PageRequest, list: &str, newest: u64) -> Result<(u64, u64), Refusal> {
    match &page.after {
        None => Ok((u64::MAX, newest)),
        Some(cursor) if *cursor.list == *list => Ok((cursor.last, cursor.snapshot.min(newest))),
        Some(_) => Err(Refusal::bad_request(
            "`syncState` was made by another list; follow `nextLink` unchanged.",
        )),
    }
}

/// The start time in whole seconds: next links carry no more.
fn start_of(page: &PageRequest) -> u64 {
    page.start_time
        .map_or(0, |start| Time::from(start).whole_second().unix_millis())
}

fn cut<V>(
    mut found: impl Iterator<Item = (u64, V)>,
    limit: usize,
    list: &str,
    snapshot: u64,
) -> Page<V, Cursor> {
    let (places, items): (Vec<u64>, Vec<V>) = found.by_ref().take(limit.max(1)).unzip();
    let more = found.next().is_some();
    let next = places.last().filter(|_| more).map(|&last| Cursor {
        list: list.into(),
        last,
        snapshot,
    });
    Page { items, next }
}

fn skipped<'e, T, V>(all: &'e [T], page: SkipRequest, view: impl Fn(&'e T) -> V) -> Page<V, usize> {
    let rest = all.get(page.skip..).unwrap_or_default();
    let limit = page.limit.max(1);
    Page {
        items: rest.iter().take(limit).map(view).collect(),
        next: (rest.len() > limit).then(|| page.skip.saturating_add(limit)),
    }
}

#[cfg(test)]
mod tests;
