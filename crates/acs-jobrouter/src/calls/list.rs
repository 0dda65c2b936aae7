//! Listing queues and policies.

use std::fmt;
use std::marker::PhantomData;

use acs_core::{Pager, Pipeline};

use super::entity::Listed;

/// A list of queues or policies, which has no filters. Turn it into a stream.
#[must_use = "a list is fetched when its stream is read"]
pub struct List<E> {
    pipeline: Pipeline,
    page_size: Option<i32>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Listed> List<E> {
    pub(crate) fn new(pipeline: &Pipeline) -> Self {
        Self {
            pipeline: pipeline.clone(),
            page_size: None,
            entity: PhantomData,
        }
    }

    /// How many entities a page holds at most; the service chooses unless set. Pages may hold fewer, even none.
    pub fn page_size(mut self, entities: i32) -> Self {
        self.page_size = Some(entities);
        self
    }

    /// The entities as a stream that fetches page after page; [`Pager::by_page`] gives the pages themselves.
    ///
    /// Taking the next one can be given up at any time: the stream goes on where it was.
    pub fn into_stream(self) -> Pager<E> {
        E::list(&self.pipeline, self.page_size)
    }
}

impl<E> Clone for List<E> {
    fn clone(&self) -> Self {
        Self {
            pipeline: self.pipeline.clone(),
            ..*self
        }
    }
}

impl<E: Listed> fmt::Debug for List<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct(E::LIST.id)
            .field("page_size", &self.page_size)
            .finish()
    }
}
