//! Listing workers.

use acs_core::{Pager, Pipeline};
use acs_core_jobrouter::models::{RouterWorker, RouterWorkerStateSelector};
use acs_core_jobrouter::operations;

/// A list of workers. Set filters if need be; all that are set must hold. Then turn it into a stream.
#[must_use = "a list is fetched when its stream is read"]
#[derive(Clone, Debug)]
pub struct ListWorkers {
    pipeline: Pipeline,
    filter: Filter,
}

#[derive(Clone, Debug, Default)]
struct Filter {
    page_size: Option<i32>,
    state: Option<RouterWorkerStateSelector>,
    channel_id: Option<String>,
    queue_id: Option<String>,
    has_capacity: Option<bool>,
}

impl ListWorkers {
    pub(crate) fn new(pipeline: &Pipeline) -> Self {
        Self {
            pipeline: pipeline.clone(),
            filter: Filter::default(),
        }
    }

    /// How many workers a page holds at most; the service chooses unless set. Pages may hold fewer, even none.
    pub fn page_size(mut self, workers: i32) -> Self {
        self.filter.page_size = Some(workers);
        self
    }

    /// Only workers in this state; all unless set.
    pub fn state(mut self, state: RouterWorkerStateSelector) -> Self {
        self.filter.state = Some(state);
        self
    }

    /// Only workers with this channel.
    pub fn channel(mut self, channel_id: impl Into<String>) -> Self {
        self.filter.channel_id = Some(channel_id.into());
        self
    }

    /// Only workers of this queue.
    pub fn queue(mut self, queue_id: impl Into<String>) -> Self {
        self.filter.queue_id = Some(queue_id.into());
        self
    }

    /// With `true`, only workers who can take one more job on the given channel, or on any if none is given.
    pub fn has_capacity(mut self, has_capacity: bool) -> Self {
        self.filter.has_capacity = Some(has_capacity);
        self
    }

    /// The workers as a stream that fetches page after page; [`Pager::by_page`] gives the pages themselves.
    ///
    /// Taking the next one can be given up at any time: the stream goes on where it was.
    pub fn into_stream(self) -> Pager<RouterWorker> {
        let filter = self.filter;
        Pager::new(
            &self.pipeline,
            &operations::LIST_WORKERS,
            move |call| async move {
                let result = acs_core_jobrouter::client(&call)
                    .list_workers(
                        filter.channel_id.as_deref(),
                        filter.has_capacity,
                        filter.page_size,
                        filter.queue_id.as_deref(),
                        filter.state.as_ref(),
                    )
                    .await;
                call.finish(result)
            },
        )
    }
}
