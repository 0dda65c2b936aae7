//! Lists that come in pages.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use acs_types::Operation;
use futures_core::Stream;
use futures_core::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::error::{CallContext, DecodeError, Result};
use crate::link::CircleWatch;
use crate::pipeline::Pipeline;
use crate::response::Response;

/// A page as the service writes it; generated models implement this.
pub trait WirePage {
    /// What the list consists of.
    type Item;

    /// The items, and the link to the next page if there is one.
    fn into_parts(self) -> (Vec<Self::Item>, Option<String>);
}

/// A page of a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, possibly none: an empty page need not be the last.
    pub items: Vec<T>,
    /// Where the next page is; `None` after the last one.
    pub continuation: Option<Continuation>,
}

impl<T> Page<T> {
    /// A page with these items, and where the next one is.
    pub fn new(items: Vec<T>, continuation: Option<Continuation>) -> Self {
        Self {
            items,
            continuation,
        }
    }
}

/// Where a list goes on: can be kept, and given to [`Pager::resume`] later or in another process.
///
/// Its text is the service's link. It holds no credential, and a link that leads elsewhere is not followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Continuation(String);

impl Continuation {
    /// The text to keep.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Continuation {
    fn from(link: String) -> Self {
        Self(link)
    }
}

impl From<&str> for Continuation {
    fn from(link: &str) -> Self {
        Self(link.to_owned())
    }
}

impl fmt::Display for Continuation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A page that is being fetched, or will be when it is first polled.
type Fetching<T> = BoxFuture<'static, Result<Page<T>>>;

/// A list as a stream of its items, fetched page by page as the items are taken.
///
/// Nothing is fetched before the first item is asked for, and no page before the items of the one before are taken. The
/// stream ends after the last page, or after the first error. Each page is a call of its own, with its own retries and time
/// limits. A link to the next page is followed only if its scheme, host and port are the endpoint's; pages that link to each
/// other in a circle end the list with an error.
///
/// ```
/// use acs_core::{Page, Pager};
/// use futures_util::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> acs_core::Result<()> {
/// let jobs = Pager::from_fetch(|continuation| async move {
///     Ok(match continuation {
///         None => Page::new(vec!["job-1", "job-2"], Some("page 2".into())),
///         Some(_) => Page::new(vec!["job-3"], None),
///     })
/// });
/// let jobs: Vec<_> = jobs.try_collect().await?;
/// assert_eq!(jobs, ["job-1", "job-2", "job-3"]);
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Pager<T> {
    pages: Pages<T>,
    /// The rest of the page that is being handed out.
    items: std::vec::IntoIter<T>,
}

impl<T: Send + 'static> Pager<T> {
    /// The list whose first page `first` fetches with the call it is given, and whose next pages are fetched by their
    /// links.
    pub fn new<P, F>(
        pipeline: &Pipeline,
        operation: &'static Operation,
        first: impl FnOnce(Call) -> F + Send + 'static,
    ) -> Self
    where
        P: WirePage<Item = T> + DeserializeOwned + Send + 'static,
        F: Future<Output = Result<Response<P>>> + Send + 'static,
    {
        let call = pipeline.call(operation);
        let first = async move { first(call).await.map(page) };
        let pipeline = pipeline.clone();
        let next = move |continuation: Continuation| -> Fetching<T> {
            let call = pipeline.call(operation);
            Box::pin(async move { call.follow::<P>(&continuation).await.map(page) })
        };
        Self::with(operation.id, Box::pin(first), Box::new(next))
    }

    /// A list from any source, for instance from memory in tests of code that takes a pager.
    ///
    /// `fetch` gets `None` for the first page and then the continuation of each page before.
    pub fn from_fetch<F>(fetch: impl Fn(Option<Continuation>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Page<T>>> + Send + 'static,
    {
        let fetch = Arc::new(fetch);
        let next = Arc::clone(&fetch);
        Self::with(
            "",
            Box::pin(async move { fetch(None).await }),
            Box::new(move |continuation| Box::pin(next(Some(continuation)))),
        )
    }
}

impl<T> Pager<T> {
    fn with(
        operation: &'static str,
        first: Fetching<T>,
        next: Box<dyn Fn(Continuation) -> Fetching<T> + Send>,
    ) -> Self {
        Self {
            pages: Pages {
                operation,
                next,
                state: State::Fetching(first),
                watch: CircleWatch::default(),
            },
            items: Vec::new().into_iter(),
        }
    }

    /// Starts at this page instead of the first.
    ///
    /// The filters and the page size of the list that the continuation comes from go on to apply, not those of this one.
    pub fn resume(mut self, continuation: Continuation) -> Self {
        self.pages.state = State::Next(continuation);
        self.items = Vec::new().into_iter();
        self
    }

    /// The same list page by page. If a page is begun already, its rest comes first.
    pub fn by_page(mut self) -> Pages<T> {
        if !self.items.as_slice().is_empty() {
            let continuation = match self.pages.state {
                State::Next(continuation) => Some(continuation),
                State::Fetching(_) | State::Fetched(_) | State::Ended => None,
            };
            self.pages.state = State::Fetched(Page::new(self.items.collect(), continuation));
        }
        self.pages
    }
}

/// Items are moved, never pinned.
impl<T> Unpin for Pager<T> {}

impl<T> Stream for Pager<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.items = page.items.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Pager<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Pager")
            .field("pages", &self.pages)
            .field("items_left", &self.items.len())
            .finish()
    }
}

/// A list as a stream of its pages; see [`Pager::by_page`].
///
/// ```
/// use acs_core::{Continuation, Page, Pager};
/// use futures_util::TryStreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> acs_core::Result<()> {
/// # let list = || Pager::from_fetch(|continuation| async move {
/// #     Ok(match continuation {
/// #         None => Page::new(vec!["job-1", "job-2"], Some("page 2".into())),
/// #         Some(_) => Page::new(vec!["job-3"], None),
/// #     })
/// # });
/// let mut kept: Option<Continuation> = None;
/// if let Some(page) = list().by_page().try_next().await? {
///     println!("{} jobs", page.items.len());
///     kept = page.continuation;
/// }
/// // Later, or in another process:
/// if let Some(continuation) = kept {
///     let rest: Vec<_> = list().resume(continuation).try_collect().await?;
///     assert_eq!(rest, ["job-3"]);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    operation: &'static str,
    next: Box<dyn Fn(Continuation) -> Fetching<T> + Send>,
    state: State<T>,
    watch: CircleWatch,
}

enum State<T> {
    Next(Continuation),
    Fetching(Fetching<T>),
    Fetched(Page<T>),
    Ended,
}

/// Items are moved, never pinned.
impl<T> Unpin for Pages<T> {}

impl<T> Pages<T> {
    fn hand_out(&mut self, page: Page<T>) -> Poll<Option<Result<Page<T>>>> {
        if let Some(continuation) = &page.continuation {
            self.state = State::Next(continuation.clone());
        }
        Poll::Ready(Some(Ok(page)))
    }

    fn circle(&self) -> DecodeError {
        let context = CallContext::before_sending(self.operation);
        DecodeError::next_link(context, "the pages link to each other in a circle")
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Next(continuation) if self.watch.closes_with(continuation.as_str()) => {
                    return Poll::Ready(Some(Err(self.circle().into())));
                }
                State::Next(continuation) => {
                    self.state = State::Fetching((self.next)(continuation));
                }
                State::Fetching(mut fetching) => match fetching.as_mut().poll(context) {
                    Poll::Ready(Ok(page)) => return self.hand_out(page),
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                    Poll::Pending => {
                        self.state = State::Fetching(fetching);
                        return Poll::Pending;
                    }
                },
                State::Fetched(page) => return self.hand_out(page),
                State::Ended => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Next(_) => "between pages",
            State::Fetching(_) => "fetching",
            State::Fetched(_) => "within a page",
            State::Ended => "ended",
        };
        formatter
            .debug_struct("Pages")
            .field("operation", &self.operation)
            .field("state", &state)
            .finish_non_exhaustive()
    }
}

/// Some services write an empty link instead of none.
fn page<P: WirePage>(response: Response<P>) -> Page<P::Item> {
    let (items, link) = response.into_inner().into_parts();
    let continuation = link.filter(|link| !link.is_empty()).map(Continuation);
    Page::new(items, continuation)
}

#[cfg(test)]
mod tests {
    use super::{Continuation, Page, Pager};
    use crate::error::{ConfigError, Error, Result};
    use futures_util::{StreamExt as _, TryStreamExt as _};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    type Pages = &'static [(&'static [u8], Option<&'static str>)];

    /// Pages by number; a link is the number of the page it leads to. Counts what is fetched.
    fn list(pages: Pages) -> (Pager<u8>, Arc<AtomicUsize>) {
        let fetched = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&fetched);
        let pager = Pager::from_fetch(move |continuation: Option<Continuation>| {
            counter.fetch_add(1, Ordering::SeqCst);
            let index = continuation.map_or(Ok(0), |link| link.as_str().parse::<usize>());
            async move {
                let fault = || Error::from(ConfigError::new("no such page"));
                let (items, link) = *pages.get(index.map_err(|_| fault())?).ok_or_else(fault)?;
                Ok(Page::new(items.to_vec(), link.map(Continuation::from)))
            }
        });
        (pager, fetched)
    }

    #[tokio::test]
    async fn items_come_in_order_and_empty_pages_in_the_middle_are_passed_over() {
        let (pager, _) = list(&[
            (&[1, 2], Some("1")),
            (&[], Some("2")),
            (&[], Some("3")),
            (&[3], None),
        ]);
        assert_eq!(
            pager.try_collect::<Vec<_>>().await.expect("items"),
            [1, 2, 3]
        );
    }

    #[tokio::test]
    async fn a_page_is_fetched_only_when_its_first_item_is_asked_for() {
        let (mut pager, fetched) = list(&[(&[1, 2], Some("1")), (&[3], None)]);
        let mut counts = vec![fetched.load(Ordering::SeqCst)];
        while pager.try_next().await.expect("item").is_some() {
            counts.push(fetched.load(Ordering::SeqCst));
        }
        assert_eq!(counts, [0, 1, 1, 2]);
    }

    #[tokio::test]
    async fn the_list_ends_after_its_first_error() {
        let (pager, fetched) = list(&[(&[1], Some("7"))]);
        let all: Vec<_> = pager.collect().await;
        assert!(matches!(all[..], [Ok(1), Err(Error::Config(_))]), "{all:?}");
        assert_eq!(fetched.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_list_resumes_where_a_page_says_it_goes_on() {
        const PAGES: Pages = &[(&[1], Some("1")), (&[2], Some("2")), (&[3], None)];
        let (pager, _) = list(PAGES);
        let page = pager.by_page().next().await.expect("page").expect("page");
        let continuation = page.continuation.expect("not the last");
        let kept = serde_json::to_string(&continuation).expect("json");

        let (again, fetched) = list(PAGES);
        let rest = again.resume(serde_json::from_str(&kept).expect("continuation"));
        assert_eq!(rest.try_collect::<Vec<_>>().await.expect("items"), [2, 3]);
        assert_eq!(fetched.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_begun_page_is_finished_before_the_next_one_by_page() {
        let (mut pager, _) = list(&[(&[1, 2, 3], Some("1")), (&[4], None)]);
        assert_eq!(pager.try_next().await.expect("item"), Some(1));
        let pages: Result<Vec<_>> = pager
            .by_page()
            .map_ok(|page| page.items)
            .try_collect()
            .await;
        assert_eq!(pages.expect("pages"), [vec![2, 3], vec![4]]);
    }

    #[tokio::test]
    async fn pages_that_link_in_a_circle_end_with_an_error() {
        const TO_ITSELF: Pages = &[(&[1], Some("0"))];
        const TO_THE_SECOND: Pages = &[(&[1], Some("1")), (&[2], Some("2")), (&[3], Some("1"))];
        for pages in [TO_ITSELF, TO_THE_SECOND] {
            let (pager, fetched) = list(pages);
            let all: Vec<_> = pager.collect().await;
            let error = all.last().expect("last").as_ref().expect_err("circle");
            assert!(error.to_string().contains("circle"), "{error}");
            assert!(fetched.load(Ordering::SeqCst) <= 9);
        }
    }

    #[test]
    fn lists_can_cross_threads() {
        fn crosses_threads<T: Send>() {}
        crosses_threads::<Pager<u8>>();
        crosses_threads::<super::Pages<u8>>();
    }
}
