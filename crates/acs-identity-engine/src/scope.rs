//! What a token allows, and for how long.

use std::fmt;
use std::time::Duration;

use crate::refusal::Refusal;

/// The first api-version that has the scopes for joining.
const JOINING_SINCE: &str = "2023-10-01";

/// The first api-version in which the caller chooses the lifetime.
const LIFETIME_SINCE: &str = "2022-10-01";

/// What a user access token allows (auth 78).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenScope {
    /// Everything in chat: `chat`.
    Chat,
    /// Calling: `voip`.
    Voip,
    /// Chat in threads that others have created: `chat.join`.
    ChatJoin,
    /// The same without adding or removing participants: `chat.join.limited`.
    ChatJoinLimited,
    /// Calls that others have started: `voip.join`.
    VoipJoin,
}

impl TokenScope {
    const ALL: [Self; 5] = [
        Self::Chat,
        Self::Voip,
        Self::ChatJoin,
        Self::ChatJoinLimited,
        Self::VoipJoin,
    ];

    /// The scope as it stands on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Voip => "voip",
            Self::ChatJoin => "chat.join",
            Self::ChatJoinLimited => "chat.join.limited",
            Self::VoipJoin => "voip.join",
        }
    }

    /// Finds a scope by its name on the wire.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    fn since(self) -> &'static str {
        match self {
            Self::Chat | Self::Voip => "",
            Self::ChatJoin | Self::ChatJoinLimited | Self::VoipJoin => JOINING_SINCE,
        }
    }

    /// Reads the scopes that a caller asked for in an api-version, each once.
    ///
    /// # Errors
    ///
    /// The list is empty, or holds a scope that the api-version does not have.
    pub(crate) fn read_all(names: &[String], api_version: &str) -> Result<Vec<Self>, Refusal> {
        let known = || {
            let known = Self::ALL
                .into_iter()
                .filter(|scope| scope.since() <= api_version);
            known.map(Self::as_str).collect::<Vec<_>>().join(", ")
        };
        if names.is_empty() {
            let message = format!(
                "At least one scope is required. Scopes of this version: {}.",
                known()
            );
            return Err(Refusal::validation("Scopes", message));
        }
        let mut scopes = Vec::new();
        for name in names {
            let scope = Self::find(name).filter(|scope| scope.since() <= api_version);
            let scope = scope.ok_or_else(|| {
                let message = format!(
                    "Scope '{name}' is not known. Scopes of this version: {}.",
                    known()
                );
                Refusal::validation("Scopes", message)
            })?;
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        Ok(scopes)
    }
}

impl fmt::Display for TokenScope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// How long a token is valid: 60 to 1440 minutes, by default the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime(Duration);

impl Lifetime {
    /// The shortest lifetime in minutes.
    pub const LEAST_MINUTES: i64 = 60;

    /// The longest lifetime in minutes.
    pub const MOST_MINUTES: i64 = 1440;

    /// Reads `expiresInMinutes` as an api-version knows it: the first ones had no such member and did not look at it.
    ///
    /// # Errors
    ///
    /// The value is out of range (auth 79).
    pub(crate) fn read(minutes: Option<i64>, api_version: &str) -> Result<Self, Refusal> {
        let given = minutes.filter(|_| api_version >= LIFETIME_SINCE);
        let minutes = given.unwrap_or(Self::MOST_MINUTES);
        if !(Self::LEAST_MINUTES..=Self::MOST_MINUTES).contains(&minutes) {
            return Err(Refusal::lifetime(minutes));
        }
        Ok(Self(Duration::from_secs(minutes.unsigned_abs() * 60)))
    }

    pub(crate) fn span(self) -> Duration {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &[&str], api_version: &str) -> Result<Vec<TokenScope>, Refusal> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        TokenScope::read_all(&names, api_version)
    }

    // auth 78
    #[test]
    fn scopes_for_joining_came_with_their_version() {
        let all = [
            "chat",
            "voip",
            "chat.join",
            "chat.join.limited",
            "voip.join",
        ];
        assert_eq!(read(&all, "2023-10-01").unwrap(), TokenScope::ALL);
        assert_eq!(
            read(&["voip", "chat", "voip"], "2021-03-07").unwrap(),
            [TokenScope::Voip, TokenScope::Chat]
        );
        let refusal = read(&["chat.join"], "2022-10-01").unwrap_err();
        assert_eq!(refusal.target, Some("Scopes"));
        assert_eq!(
            refusal.message,
            "Scope 'chat.join' is not known. Scopes of this version: chat, voip."
        );
    }

    // auth 76
    #[test]
    fn scopes_are_required_and_spelled_exactly() {
        for names in [&[][..], &["Chat"], &["chat", ""], &["chat "]] {
            let refusal = read(names, "2023-10-01").unwrap_err();
            assert_eq!(refusal.kind.code(), "ValidationError", "{names:?}");
        }
    }

    // auth 79, 88
    #[test]
    fn lifetimes_have_bounds_and_came_with_their_version() {
        let minutes = |given, version| {
            Lifetime::read(given, version).map(|lifetime| lifetime.span().as_secs() / 60)
        };
        assert_eq!(minutes(None, "2023-10-01"), Ok(1440));
        assert_eq!(minutes(Some(60), "2022-10-01"), Ok(60));
        assert_eq!(minutes(Some(1440), "2022-10-01"), Ok(1440));
        assert_eq!(minutes(Some(7), "2022-06-01"), Ok(1440));
        for wrong in [59, 1441, 0, -1, i64::MIN] {
            let refusal = minutes(Some(wrong), "2022-10-01").unwrap_err();
            assert_eq!(
                refusal.message,
                format!(
                    "ExpiresInMinutes value {wrong} is invalid. Value must be within the [60, 1440] interval."
                )
            );
            assert_eq!(refusal.target, Some("ExpiresInMinutes"));
        }
    }
}
