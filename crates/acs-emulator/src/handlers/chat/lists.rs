//! Pages of chat and the links between them (chat 42 to 50).

use acs_chat_engine::{
    Cursor, DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE, Page, PageRequest, SkipRequest,
};
use acs_types::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::wire::{Call, Failure, Reply};

const PAGE_SIZE: &str = "maxPageSize";
const START_TIME: &str = "startTime";
const SYNC_STATE: &str = "syncState";
const SKIP: &str = "skip";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageBody<V> {
    value: Vec<V>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_link: Option<String>,
}

/// What a list of messages or threads is asked for.
pub(super) fn page_request(call: &Call<'_>) -> Result<PageRequest, Failure> {
    let after = call.query.value(SYNC_STATE)?.map(str::parse).transpose();
    Ok(PageRequest {
        start_time: start_time(call)?,
        after: after.map_err(|error| Failure::invalid_query(SYNC_STATE, error))?,
        limit: page_size(call)?,
    })
}

/// What a list of participants or receipts is asked for.
pub(super) fn skip_request(call: &Call<'_>) -> Result<SkipRequest, Failure> {
    Ok(SkipRequest {
        skip: number(call, SKIP, 0)?.unwrap_or(0),
        limit: page_size(call)?,
    })
}

/// A page of messages or threads.
pub(super) fn page<V: Serialize>(
    call: &Call<'_>,
    request: &PageRequest,
    page: Page<V, Cursor>,
) -> Result<Reply, Failure> {
    let next_link = page.next.map(|cursor| {
        let start = request.start_time.unwrap_or(Timestamp::UNIX_EPOCH);
        let start = united_states_form(start);
        let start = utf8_percent_encode(&start, NON_ALPHANUMERIC);
        link(
            call,
            &format!(
                "{SYNC_STATE}={cursor}&{START_TIME}={start}&{PAGE_SIZE}={}",
                request.limit
            ),
        )
    });
    Reply::ok(&PageBody {
        value: page.items,
        next_link: next_link.transpose()?,
    })
}

/// A page of participants or receipts.
pub(super) fn skipped_page<V: Serialize>(
    call: &Call<'_>,
    request: SkipRequest,
    page: Page<V, usize>,
) -> Result<Reply, Failure> {
    let next_link = page.next.map(|skip| {
        let query = format!("{SKIP}={skip}&{PAGE_SIZE}={}", request.limit);
        link(call, &query)
    });
    Reply::ok(&PageBody {
        value: page.items,
        next_link: next_link.transpose()?,
    })
}

/// Absolute, with the ids of the path as they are (chat 43).
fn link(call: &Call<'_>, query: &str) -> Result<String, Failure> {
    let mut path = call.operation.path.to_owned();
    for (name, id) in &call.ids {
        path = path.replace(&format!("{{{name}}}"), id);
    }
    let version = call.api_version()?;
    Ok(format!(
        "{}{path}?{query}&api-version={version}",
        call.origin
    ))
}

fn page_size(call: &Call<'_>) -> Result<usize, Failure> {
    let size = number(call, PAGE_SIZE, 1)?;
    Ok(size.map_or(DEFAULT_PAGE_SIZE, |size| size.min(LARGEST_PAGE_SIZE)))
}

fn number(call: &Call<'_>, name: &str, least: usize) -> Result<Option<usize>, Failure> {
    let Some(text) = call.query.value(name)? else {
        return Ok(None);
    };
    let number = text
        .parse::<i32>()
        .ok()
        .and_then(|number| usize::try_from(number).ok());
    number
        .filter(|number| *number >= least)
        .map(Some)
        .ok_or_else(|| {
            let problem = format!(
                "must be a whole number from {least} to {}, but is `{text}`",
                i32::MAX
            );
            Failure::invalid_query(name, problem)
        })
}

fn start_time(call: &Call<'_>) -> Result<Option<Timestamp>, Failure> {
    let Some(text) = call.query.value(START_TIME)? else {
        return Ok(None);
    };
    // A `+` that a caller did not encode has become a blank by now.
    let repaired = || {
        let (time, offset) = text.rsplit_once(' ')?;
        Timestamp::parse(&format!("{time}+{offset}")).ok()
    };
    let read = Timestamp::parse(text).or_else(|error| repaired().ok_or(error));
    read.map(Some)
        .map_err(|error| Failure::invalid_query(START_TIME, error))
}

/// `1/1/1970 12:00:00 AM +00:00`, the form of times in next links (chat 44).
fn united_states_form(at: Timestamp) -> String {
    const SECONDS_PER_DAY: i64 = 86_400;
    let seconds = at.unix_seconds();
    let of_day = seconds.rem_euclid(SECONDS_PER_DAY);
    let utc = Timestamp::from_unix_nanos(i128::from(seconds) * 1_000_000_000);
    let date = utc.unwrap_or(Timestamp::UNIX_EPOCH).to_string();
    let date = date.split('T').next().unwrap_or_default();
    let mut parts = date
        .rsplitn(3, '-')
        .map(|part| part.trim_start_matches('0'));
    let (day, month, year) = (parts.next(), parts.next(), parts.next());
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = (hour + 11) % 12 + 1;
    format!(
        "{}/{}/{} {hour}:{minute:02}:{second:02} {half} +00:00",
        month.unwrap_or_default(),
        day.unwrap_or_default(),
        year.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // chat 44
    #[test]
    fn links_write_times_as_the_service_does_and_they_can_be_read_again() {
        for (time, written) in [
            ("1970-01-01T00:00:00Z", "1/1/1970 12:00:00 AM +00:00"),
            ("2007-03-28T19:13:50.9Z", "3/28/2007 7:13:50 PM +00:00"),
            ("2024-10-20T12:00:00+02:00", "10/20/2024 10:00:00 AM +00:00"),
            ("2024-12-31T12:30:05Z", "12/31/2024 12:30:05 PM +00:00"),
        ] {
            let at = Timestamp::parse(time).unwrap();
            assert_eq!(united_states_form(at), written);
            let read = Timestamp::parse(written).unwrap();
            assert_eq!(read.unix_seconds(), at.unix_seconds());
        }
    }
}
