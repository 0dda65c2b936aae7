//! The statistics of all queues.

use std::num::NonZeroUsize;

use acs_core::{Continuation, Error, Page, Pager, Pipeline, Result};
use acs_core_jobrouter::models::{RouterQueue, RouterQueueStatistics};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::entity::sealed::Collected as _;
use super::get::GetOpt;

/// The statistics of all queues. Set options if need be, then turn it into a stream.
///
/// The service has no such call: the queues are listed page by page, and for each page the statistics are read, a few
/// at a time. A queue that is deleted in between is left out.
#[must_use = "a list is fetched when its stream is read"]
#[derive(Clone, Debug)]
pub struct ListQueueStatistics {
    pipeline: Pipeline,
    page_size: Option<i32>,
    at_a_time: NonZeroUsize,
}

impl ListQueueStatistics {
    pub(crate) fn new(pipeline: &Pipeline) -> Self {
        const EIGHT: NonZeroUsize = NonZeroUsize::new(8).expect("eight is not zero");
        Self {
            pipeline: pipeline.clone(),
            page_size: None,
            at_a_time: EIGHT,
        }
    }

    /// How many queues a page holds at most; the service chooses unless set.
    pub fn page_size(mut self, queues: i32) -> Self {
        self.page_size = Some(queues);
        self
    }

    /// How many statistics are read at the same time at most. Default: 8. Zero counts as one.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.at_a_time = NonZeroUsize::new(calls).unwrap_or(NonZeroUsize::MIN);
        self
    }

    /// The statistics as a stream, in the order in which the service lists the queues.
    ///
    /// The first call that fails ends it. Taking the next one can be given up at any time: the stream goes on where it was.
    pub fn into_stream(self) -> Pager<RouterQueueStatistics> {
        Pager::from_fetch(move |continuation| self.clone().page(continuation))
    }

    /// A page of queues, with the statistics in their place.
    async fn page(self, continuation: Option<Continuation>) -> Result<Page<RouterQueueStatistics>> {
        let mut queues = RouterQueue::list(&self.pipeline, self.page_size);
        if let Some(continuation) = continuation {
            queues = queues.resume(continuation);
        }
        let Some(page) = queues.by_page().try_next().await? else {
            return Ok(Page::new(Vec::new(), None));
        };
        let calls = page.items.into_iter().map(|queue| {
            let call = GetOpt::<RouterQueueStatistics>::new(&self.pipeline, queue.id);
            async { Ok::<_, Error>(call.await?.map(acs_core::Response::into_inner)) }
        });
        let statistics: Vec<_> = stream::iter(calls)
            .buffered(self.at_a_time.get())
            .try_filter_map(|statistics| async { Ok(statistics) })
            .try_collect()
            .await?;
        Ok(Page::new(statistics, page.continuation))
    }
}
