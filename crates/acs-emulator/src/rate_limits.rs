//! How often things may be called: the published limits of chat and identity (chat 78, auth 87). Off unless asked for.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use acs_types::Timestamp;

/// What a limit counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Resource,
    User,
    Thread,
    UserAndThread,
}

/// So many calls of an operation within a span.
#[derive(Clone, Copy, Debug)]
struct Limit {
    operation: &'static str,
    scope: Scope,
    calls: usize,
    seconds: u64,
}

const fn limit(operation: &'static str, scope: Scope, calls: usize, seconds: u64) -> Limit {
    Limit {
        operation,
        scope,
        calls,
        seconds,
    }
}

/// Each operation counts by itself.
const LIMITS: &[Limit] = &[
    limit("createChatThread", Scope::User, 10, 10),
    limit("createChatThread", Scope::Resource, 3000, 60),
    limit("deleteChatThread", Scope::User, 10, 10),
    limit("updateChatThreadProperties", Scope::Thread, 5, 10),
    limit("addChatParticipants", Scope::Thread, 10, 10),
    limit("addChatParticipants", Scope::Thread, 30, 60),
    limit("removeChatParticipant", Scope::Thread, 10, 10),
    limit("removeChatParticipant", Scope::Thread, 30, 60),
    limit("getChatThreadProperties", Scope::User, 50, 10),
    limit("listChatThreads", Scope::User, 50, 10),
    limit("getChatMessage", Scope::UserAndThread, 50, 10),
    limit("getChatMessage", Scope::Thread, 250, 10),
    limit("listChatMessages", Scope::UserAndThread, 50, 10),
    limit("listChatMessages", Scope::UserAndThread, 200, 60),
    limit("listChatMessages", Scope::Thread, 250, 10),
    limit("listChatMessages", Scope::Thread, 400, 60),
    limit("listChatReadReceipts", Scope::UserAndThread, 5, 10),
    limit("listChatReadReceipts", Scope::Thread, 100, 10),
    limit("listChatParticipants", Scope::UserAndThread, 10, 10),
    limit("listChatParticipants", Scope::Thread, 250, 10),
    limit("sendChatMessage", Scope::Thread, 10, 10),
    limit("sendChatMessage", Scope::Thread, 30, 60),
    limit("updateChatMessage", Scope::Thread, 10, 10),
    limit("updateChatMessage", Scope::Thread, 30, 60),
    limit("deleteChatMessage", Scope::Thread, 10, 10),
    limit("deleteChatMessage", Scope::Thread, 30, 60),
    limit("sendChatReadReceipt", Scope::UserAndThread, 10, 10),
    limit("sendChatReadReceipt", Scope::UserAndThread, 30, 60),
    limit("sendTypingNotification", Scope::UserAndThread, 5, 10),
    limit("sendTypingNotification", Scope::UserAndThread, 15, 60),
    limit("sendTypingNotification", Scope::Thread, 10, 10),
    limit("sendTypingNotification", Scope::Thread, 30, 60),
    limit("create", Scope::Resource, 1000, 30),
    limit("issueAccessToken", Scope::Resource, 1000, 30),
    limit("delete", Scope::Resource, 500, 30),
    limit("revokeAccessTokens", Scope::Resource, 500, 30),
    limit("exchangeTeamsUserAccessToken", Scope::Resource, 500, 30),
    limit("exchangeToken", Scope::Resource, 500, 30),
];

/// A call, as limits look at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted<'c> {
    pub(crate) operation: &'c str,
    /// The caller's raw id; empty for the resource's owner.
    pub(crate) user: &'c str,
    /// The thread's id; empty where there is none.
    pub(crate) thread: &'c str,
}

/// Counts calls and says when there are too many.
#[derive(Debug, Default)]
pub(crate) struct RateLimits {
    /// When the calls were made that still count, by limit, user and thread.
    calls: HashMap<(usize, String, String), VecDeque<Timestamp>>,
}

impl RateLimits {
    /// Counts a call; or says how long to wait until it is within all limits, and does not count it.
    pub(crate) fn count(&mut self, now: Timestamp, call: Counted<'_>) -> Result<(), Duration> {
        let limits = || {
            LIMITS
                .iter()
                .enumerate()
                .filter(|(_, limit)| limit.operation == call.operation)
        };
        let mut wait = Duration::ZERO;
        for (index, limit) in limits() {
            let span = Duration::from_secs(limit.seconds);
            let Some(calls) = self.calls.get_mut(&key(index, limit.scope, call)) else {
                continue;
            };
            while calls
                .front()
                .is_some_and(|first| now.duration_since(*first) >= span)
            {
                calls.pop_front();
            }
            if calls.len() >= limit.calls
                && let Some(first) = calls.front()
            {
                wait = wait.max(span.saturating_sub(now.duration_since(*first)));
            }
        }
        if !wait.is_zero() {
            return Err(wait);
        }
        for (index, limit) in limits() {
            let calls = self.calls.entry(key(index, limit.scope, call));
            calls.or_default().push_back(now);
        }
        Ok(())
    }
}

fn key(index: usize, scope: Scope, call: Counted<'_>) -> (usize, String, String) {
    let (user, thread) = match scope {
        Scope::Resource => ("", ""),
        Scope::User => (call.user, ""),
        Scope::Thread => ("", call.thread),
        Scope::UserAndThread => (call.user, call.thread),
    };
    (index, user.to_owned(), thread.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;

    fn seconds(seconds: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH
            .checked_add(Duration::from_secs(seconds))
            .unwrap()
    }

    fn call<'c>(operation: &'c str, user: &'c str, thread: &'c str) -> Counted<'c> {
        Counted {
            operation,
            user,
            thread,
        }
    }

    #[test]
    fn every_limit_is_of_an_operation() {
        for limit in LIMITS {
            let mut operations = Service::ALL.into_iter().flat_map(Service::operations);
            assert!(
                operations.any(|operation| operation.id == limit.operation),
                "{limit:?}"
            );
        }
    }

    // chat 78
    #[test]
    fn the_eleventh_message_in_ten_seconds_waits_and_so_does_the_31st_in_a_minute() {
        let mut limits = RateLimits::default();
        let mut send = |at: u64| limits.count(seconds(at), call("sendChatMessage", "u", "t"));
        for round in 0..3 {
            for _ in 0..10 {
                assert_eq!(send(10 * round), Ok(()));
            }
            let wait = if round < 2 { 10 } else { 40 };
            assert_eq!(send(10 * round), Err(Duration::from_secs(wait)));
        }
        assert_eq!(send(30), Err(Duration::from_secs(30)));
        assert_eq!(send(60), Ok(()));
    }

    // chat 78
    #[test]
    fn users_and_threads_count_apart_where_the_limit_says_so() {
        let mut limits = RateLimits::default();
        let mut typing = |user: &str, thread: &str| {
            limits
                .count(seconds(0), call("sendTypingNotification", user, thread))
                .is_ok()
        };
        for user in ["a", "b"] {
            for _ in 0..5 {
                assert!(typing(user, "t"));
            }
            assert!(!typing(user, "t"), "{user}");
        }
        assert!(!typing("c", "t"), "the thread has had its ten");
        assert!(typing("a", "other"));
    }

    // auth 87
    #[test]
    fn what_has_no_limit_is_never_refused_and_identity_counts_for_the_resource() {
        let mut limits = RateLimits::default();
        for _ in 0..2000 {
            assert_eq!(limits.count(seconds(0), call("getJob", "", "")), Ok(()));
        }
        for _ in 0..500 {
            assert_eq!(limits.count(seconds(0), call("delete", "", "")), Ok(()));
        }
        assert!(limits.count(seconds(29), call("delete", "", "")).is_err());
        assert!(limits.count(seconds(30), call("delete", "", "")).is_ok());
    }
}
