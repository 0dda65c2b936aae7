//! Listing jobs.

use acs_core::{Pager, Pipeline};
use acs_core_jobrouter::models::{RouterJob, RouterJobStatusSelector};
use acs_core_jobrouter::operations;
use acs_types::Timestamp;

/// A list of jobs. Set filters if need be; all that are set must hold. Then turn it into a stream.
#[must_use = "a list is fetched when its stream is read"]
#[derive(Clone, Debug)]
pub struct ListJobs {
    pipeline: Pipeline,
    filter: Filter,
}

#[derive(Clone, Debug, Default)]
struct Filter {
    page_size: Option<i32>,
    status: Option<RouterJobStatusSelector>,
    queue_id: Option<String>,
    channel_id: Option<String>,
    classification_policy_id: Option<String>,
    scheduled_before: Option<Timestamp>,
    scheduled_after: Option<Timestamp>,
}

impl ListJobs {
    pub(crate) fn new(pipeline: &Pipeline) -> Self {
        Self {
            pipeline: pipeline.clone(),
            filter: Filter::default(),
        }
    }

    /// How many jobs a page holds at most; the service chooses unless set. Pages may hold fewer, even none.
    pub fn page_size(mut self, jobs: i32) -> Self {
        self.filter.page_size = Some(jobs);
        self
    }

    /// Only jobs in this state, or in one of the group `Active`; all unless set.
    pub fn status(mut self, status: RouterJobStatusSelector) -> Self {
        self.filter.status = Some(status);
        self
    }

    /// Only jobs of this queue.
    pub fn queue(mut self, queue_id: impl Into<String>) -> Self {
        self.filter.queue_id = Some(queue_id.into());
        self
    }

    /// Only jobs on this channel.
    pub fn channel(mut self, channel_id: impl Into<String>) -> Self {
        self.filter.channel_id = Some(channel_id.into());
        self
    }

    /// Only jobs with this classification policy.
    pub fn classification_policy(mut self, classification_policy_id: impl Into<String>) -> Self {
        self.filter.classification_policy_id = Some(classification_policy_id.into());
        self
    }

    /// Only jobs scheduled for this time or earlier.
    pub fn scheduled_before(mut self, time: impl Into<Timestamp>) -> Self {
        self.filter.scheduled_before = Some(time.into());
        self
    }

    /// Only jobs scheduled for this time or later.
    pub fn scheduled_after(mut self, time: impl Into<Timestamp>) -> Self {
        self.filter.scheduled_after = Some(time.into());
        self
    }

    /// The jobs as a stream that fetches page after page; [`Pager::by_page`] gives the pages themselves.
    ///
    /// Taking the next one can be given up at any time: the stream goes on where it was.
    pub fn into_stream(self) -> Pager<RouterJob> {
        let filter = self.filter;
        Pager::new(
            &self.pipeline,
            &operations::LIST_JOBS,
            move |call| async move {
                let result = acs_core_jobrouter::client(&call)
                    .list_jobs(
                        filter.channel_id.as_deref(),
                        filter.classification_policy_id.as_deref(),
                        filter.page_size,
                        filter.queue_id.as_deref(),
                        filter.scheduled_after.as_ref(),
                        filter.scheduled_before.as_ref(),
                        filter.status.as_ref(),
                    )
                    .await;
                call.finish(result)
            },
        )
    }
}
