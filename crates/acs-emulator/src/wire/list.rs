//! Paged lists: page size, filters, and the token that carries both to the next page.

use std::collections::BTreeMap;
use std::fmt;

use acs_router_engine::{Cursor, Page, PageRequest};
use acs_types::Operation;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::{Call, Failure, Reply};

/// Items on a page unless `maxpagesize` says otherwise.
pub(crate) const DEFAULT_PAGE_SIZE: usize = 100;

/// Items on a page at most; a larger `maxpagesize` gets this many.
pub(crate) const LARGEST_PAGE_SIZE: usize = 1000;

const TOKEN: &str = "continuationToken";

/// A list request: what the first page asked for, and where this page starts.
///
/// The next link carries nothing but a token, so the token holds the size and the filters of the first page; whatever
/// else a follow-up request has in its query is not looked at.
#[derive(Debug)]
pub(crate) struct ListCall {
    operation: &'static Operation,
    after: Option<Cursor>,
    token: Token,
}

#[derive(Debug, Serialize, Deserialize)]
struct Token {
    /// The operation it was made for.
    list: String,
    size: usize,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    filters: BTreeMap<String, String>,
    /// Where the page starts, as a place that stays right while entities come and go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageBody<V> {
    value: Vec<V>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_link: Option<String>,
}

impl ListCall {
    /// Reads the page size and the named filters, or the token that stands for them.
    pub(crate) fn read(call: &Call<'_>, filters: &[&str]) -> Result<Self, Failure> {
        let operation = call.operation;
        let Some(text) = call.query.value(TOKEN)? else {
            return Ok(Self {
                operation,
                after: None,
                token: Token::of_first_page(call, filters)?,
            });
        };
        let token = Token::decode(text, operation)?;
        let after = token.after.as_deref().map(str::parse).transpose();
        let after = after.map_err(|error| Failure::invalid_query(TOKEN, error))?;
        Ok(Self {
            operation,
            after,
            token,
        })
    }

    /// Which part of the list to show.
    pub(crate) fn part(&self) -> PageRequest {
        PageRequest {
            after: self.after,
            limit: self.token.size,
        }
    }

    /// A filter's value as given.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.token.filters.get(name).cloned()
    }

    /// A filter's value as what `read` makes of it.
    pub(crate) fn read_with<T, E: fmt::Display>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Failure> {
        let Some(text) = self.token.filters.get(name) else {
            return Ok(None);
        };
        read(text)
            .map(Some)
            .map_err(|error| Failure::invalid_query(name, format!("is `{text}`: {error}")))
    }

    /// One page, with a link to the next one unless it is the last.
    pub(crate) fn reply<V: Serialize>(self, page: Page<V>) -> Result<Reply, Failure> {
        let next_link = page.next.map(|after| self.next_link(after)).transpose()?;
        Reply::ok(&PageBody {
            value: page.items,
            next_link,
        })
    }

    /// Relative, and without `api-version`: the client adds both parts.
    fn next_link(self, after: Cursor) -> Result<String, Failure> {
        let token = Token {
            after: Some(after.to_string()),
            ..self.token
        };
        let json = serde_json::to_vec(&token).map_err(|error| {
            Failure::internal(format!("a paging token does not serialise: {error}"))
        })?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair(TOKEN, &STANDARD.encode(json))
            .finish();
        Ok(format!("{}?{query}", self.operation.path))
    }
}

impl Token {
    fn of_first_page(call: &Call<'_>, filters: &[&str]) -> Result<Self, Failure> {
        let mut given = BTreeMap::new();
        for name in filters {
            if let Some(value) = call.query.value(name)? {
                given.insert((*name).to_owned(), value.to_owned());
            }
        }
        Ok(Self {
            list: call.operation.id.to_owned(),
            size: page_size(call)?,
            filters: given,
            after: None,
        })
    }

    fn decode(text: &str, operation: &Operation) -> Result<Self, Failure> {
        let bytes = STANDARD.decode(text).ok();
        bytes
            .and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok())
            .filter(|token| {
                token.list == operation.id && (1..=LARGEST_PAGE_SIZE).contains(&token.size)
            })
            .ok_or_else(|| {
                Failure::invalid_query(
                    TOKEN,
                    "was not made by this list; follow `nextLink` unchanged",
                )
            })
    }
}

fn page_size(call: &Call<'_>) -> Result<usize, Failure> {
    const NAME: &str = "maxpagesize";
    let Some(text) = call.query.value(NAME)? else {
        return Ok(DEFAULT_PAGE_SIZE);
    };
    match text.parse::<i32>() {
        Ok(size) if size >= 1 => Ok((size.unsigned_abs() as usize).min(LARGEST_PAGE_SIZE)),
        _ => Err(Failure::invalid_query(
            NAME,
            format!(
                "must be a whole number from 1 to {}, but is `{text}`",
                i32::MAX
            ),
        )),
    }
}
