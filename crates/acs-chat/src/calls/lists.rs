//! Lists: of threads, messages, participants and read receipts.

use acs_core::{Pager, Pipeline};
use acs_core_chat::client;
use acs_core_chat::models::ChatThreadItem;
use acs_core_chat::operations::{
    LIST_CHAT_MESSAGES, LIST_CHAT_PARTICIPANTS, LIST_CHAT_READ_RECEIPTS, LIST_CHAT_THREADS,
};
use acs_types::Timestamp;

use super::Thread;
use crate::models::{ChatMessage, ChatMessageReadReceipt, ChatParticipant, WholePage};

/// The setter that all lists have.
macro_rules! page_size {
    ($limit:literal) => {
        #[doc = concat!("How many items a page holds at most", $limit, "; the service chooses unless set. Pages may hold fewer.")]
        pub fn page_size(mut self, items: i32) -> Self {
            self.page_size = Some(items);
            self
        }
    };
}

/// The setter of lists that are in a fixed order.
macro_rules! skip {
    () => {
        /// Leaves out this many from the beginning of the list. Beyond its end, the list is empty.
        pub fn skip(mut self, items: i32) -> Self {
            self.skip = Some(items);
            self
        }
    };
}

/// The threads that the user takes part in. Set options if need be, then turn it into a stream.
#[must_use = "a list is fetched when its stream is read"]
#[derive(Clone, Debug)]
pub struct ListThreads {
    pipeline: Pipeline,
    page_size: Option<i32>,
    start_time: Option<Timestamp>,
}

impl ListThreads {
    pub(crate) fn new(pipeline: &Pipeline) -> Self {
        Self {
            pipeline: pipeline.clone(),
            page_size: None,
            start_time: None,
        }
    }

    page_size!("");

    /// Only threads in which something happened at this time or later.
    pub fn start_time(mut self, time: impl Into<Timestamp>) -> Self {
        self.start_time = Some(time.into());
        self
    }

    /// The threads as a stream that fetches page after page; [`Pager::by_page`] gives the pages themselves.
    ///
    /// Taking the next one can be given up at any time: the stream goes on where it was.
    pub fn into_stream(self) -> Pager<ChatThreadItem> {
        Pager::new(&self.pipeline, &LIST_CHAT_THREADS, move |call| async move {
            let result = client(&call)
                .list_chat_threads(self.page_size, self.start_time.as_ref())
                .await;
            call.finish(result)
        })
    }
}

/// The messages of a thread, the last changed first. Set options if need be, then turn it into a stream.
#[must_use = "a list is fetched when its stream is read"]
#[derive(Clone, Debug)]
pub struct ListMessages {
    thread: Thread,
    page_size: Option<i32>,
    start_time: Option<Timestamp>,
}

impl ListMessages {
    pub(crate) fn new(thread: &Thread) -> Self {
        Self {
            thread: thread.clone(),
            page_size: None,
            start_time: None,
        }
    }

    page_size!(", at most 200");

    /// Only messages of this time or later.
    pub fn start_time(mut self, time: impl Into<Timestamp>) -> Self {
        self.start_time = Some(time.into());
        self
    }

    /// The messages as a stream that fetches page after page; [`Pager::by_page`] gives the pages themselves.
    ///
    /// Messages that arrive meanwhile do not shift the pages. Taking the next one can be given up at any time: the stream goes
    /// on where it was.
    pub fn into_stream(self) -> Pager<ChatMessage> {
        let pipeline = self.thread.pipeline.clone();
        Pager::new::<WholePage<_>, _>(&pipeline, &LIST_CHAT_MESSAGES, move |call| async move {
            self.thread.check()?;
            let result = client(&call)
                .list_chat_messages(&self.thread.id, self.page_size, self.start_time.as_ref())
                .await;
            call.finish_as(result)
        })
    }
}

/// The participants of a thread, in the order in which they joined. Set options if need be, then turn it into a stream.
#[must_use = "a list is fetched when its stream is read"]
#[derive(Clone, Debug)]
pub struct ListParticipants {
    thread: Thread,
    page_size: Option<i32>,
    skip: Option<i32>,
}

impl ListParticipants {
    pub(crate) fn new(thread: &Thread) -> Self {
        Self {
            thread: thread.clone(),
            page_size: None,
            skip: None,
        }
    }

    page_size!("");
    skip!();

    /// The participants as a stream that fetches page after page; [`Pager::by_page`] gives the pages themselves.
    ///
    /// Taking the next one can be given up at any time: the stream goes on where it was.
    pub fn into_stream(self) -> Pager<ChatParticipant> {
        let pipeline = self.thread.pipeline.clone();
        Pager::new::<WholePage<_>, _>(&pipeline, &LIST_CHAT_PARTICIPANTS, move |call| async move {
            self.thread.check()?;
            let result = client(&call)
                .list_chat_participants(&self.thread.id, self.page_size, self.skip)
                .await;
            call.finish_as(result)
        })
    }
}

/// How far the participants of a thread have read: the latest receipt of each. Set options if need be, then turn it into a
/// stream.
#[must_use = "a list is fetched when its stream is read"]
#[derive(Clone, Debug)]
pub struct ListReadReceipts {
    thread: Thread,
    page_size: Option<i32>,
    skip: Option<i32>,
}

impl ListReadReceipts {
    pub(crate) fn new(thread: &Thread) -> Self {
        Self {
            thread: thread.clone(),
            page_size: None,
            skip: None,
        }
    }

    page_size!("");
    skip!();

    /// The receipts as a stream that fetches page after page; [`Pager::by_page`] gives the pages themselves.
    ///
    /// Taking the next one can be given up at any time: the stream goes on where it was.
    pub fn into_stream(self) -> Pager<ChatMessageReadReceipt> {
        let pipeline = self.thread.pipeline.clone();
        Pager::new::<WholePage<_>, _>(
            &pipeline,
            &LIST_CHAT_READ_RECEIPTS,
            move |call| async move {
                self.thread.check()?;
                let result = client(&call)
                    .list_chat_read_receipts(&self.thread.id, self.page_size, self.skip)
                    .await;
                call.finish_as(result)
            },
        )
    }
}
