//! Changing a thread.

use std::future::IntoFuture;

use acs_core::{CallFuture, ConfigError, Response, Result};
use acs_core_chat::client;
use acs_core_chat::models::{ChatRetentionPolicy, ChatThreadPatch};
use acs_core_chat::operations::UPDATE_CHAT_THREAD_PROPERTIES;
use acs_types::{Patch, PatchMap};

use super::Thread;

/// Changes a thread; what is not set stays. Await it.
///
/// The call is repeated like a read when its answer is lost: sent twice, it leads to the same. When the future is dropped, the
/// service may have acted; the same call can simply be made again.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct UpdateProperties {
    thread: Thread,
    patch: ChatThreadPatch,
}

impl UpdateProperties {
    pub(crate) fn new(thread: &Thread) -> Self {
        Self {
            thread: thread.clone(),
            patch: ChatThreadPatch::default(),
        }
    }

    /// What the thread is about. Not empty.
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.patch.topic = topic.into().into();
        self
    }

    /// Keeps a text with the thread, up to 1 kB all in all, names included; once for each. Other entries stay.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        set(&mut self.patch.metadata, key.into(), value.into());
        self
    }

    /// How long the thread is kept: [`ThreadCreationDateRetentionPolicy`](crate::ThreadCreationDateRetentionPolicy) with 30 to
    /// 90 days after its creation, or [`NoneRetentionPolicy`](crate::NoneRetentionPolicy).
    pub fn retention_policy(mut self, policy: impl Into<ChatRetentionPolicy>) -> Self {
        self.patch.retention_policy = policy.into().into();
        self
    }

    /// All changes at once, instead of those set so far. Only so members can be cleared; what the service makes of that is not
    /// documented.
    pub fn patch(mut self, patch: ChatThreadPatch) -> Self {
        self.patch = patch;
        self
    }
}

/// Adds an entry to those that a patch sets.
pub(super) fn set(metadata: &mut Patch<PatchMap<String>>, key: String, value: String) {
    let entries = match std::mem::take(metadata) {
        Patch::Set(entries) => entries,
        Patch::Keep | Patch::Clear => PatchMap::new(),
    };
    *metadata = entries.set(key, value).into();
}

/// Refuses a topic that says nothing.
pub(super) fn check_topic(topic: &str) -> Result<()> {
    if topic.is_empty() {
        return Err(ConfigError::new("the topic is empty: every thread has one").into());
    }
    Ok(())
}

impl IntoFuture for UpdateProperties {
    type Output = Result<Response<()>>;
    type IntoFuture = CallFuture<Response<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            if let Some(topic) = self.patch.topic.as_set() {
                check_topic(topic)?;
            }
            let call = self.thread.call(&UPDATE_CHAT_THREAD_PROPERTIES)?;
            let result = client(&call)
                .update_chat_thread_properties(&self.thread.id, &self.patch)
                .await;
            call.finish(result)
        })
    }
}
