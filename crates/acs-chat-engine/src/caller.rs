//! Who calls, and who else there is.

use std::sync::Arc;

use acs_types::CommunicationIdentifier;

/// The user who makes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub(crate) user: Arc<CommunicationIdentifier>,
    pub(crate) access: Access,
}

impl Caller {
    /// A user with what its token allows.
    #[must_use]
    pub fn new(user: CommunicationIdentifier, access: Access) -> Self {
        Self {
            user: Arc::new(user),
            access,
        }
    }

    pub(crate) fn raw_id(&self) -> &str {
        self.user.raw_id()
    }
}

/// What a token allows in chat, least first (rule 68).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Reading, and sending one's own: `chat.join.limited`.
    JoinLimited,
    /// Adding and removing participants, too: `chat.join`.
    Join,
    /// Creating, changing and deleting threads, too: `chat`.
    Full,
}

/// Tells who exists. Chat admits users of its own resource only, and does not know them itself.
pub trait Directory {
    /// Whether the resource has a user with this raw id.
    fn has_user(&self, raw_id: &str) -> bool;
}

impl<F: Fn(&str) -> bool> Directory for F {
    fn has_user(&self, raw_id: &str) -> bool {
        self(raw_id)
    }
}
