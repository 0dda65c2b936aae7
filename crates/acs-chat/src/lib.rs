#![doc = include_str!("../README.md")]

pub mod calls;
mod changes;
mod client;
mod models;
mod outcome;
mod thread_client;

pub use changes::{MessagePosition, MessageStream};
pub use client::ChatClient;
pub use models::{
    ChatMessage, ChatMessageContent, ChatMessageReadReceipt, ChatParticipant, ChatThreadProperties,
    OtherContent,
};
pub use outcome::{
    AddedInBatches, AddedParticipants, CreatedThread, FailedParticipant, Interrupted,
};
pub use thread_client::ChatThreadClient;

#[doc(no_inline)]
pub use acs_core::auth::{
    AccessToken, AccessTokenError, AuthError, Endpoint, RefreshingUserToken, Secret,
    UserTokenCredential,
};
#[doc(no_inline)]
pub use acs_core::{
    ClientOptions, Clock, ConfigError, Continuation, DecodeError, Error, ErrorBody, HeaderMap,
    Page, Pager, Pages, Request, Response, Result, RetryOptions, ServiceError, StatusCode,
    TransportError,
};
#[doc(no_inline)]
pub use acs_types::{
    CommunicationCloud, CommunicationIdentifier, CommunicationUserIdentifier,
    MicrosoftTeamsAppIdentifier, MicrosoftTeamsUserIdentifier, ParseRawIdError,
    ParseTimestampError, Patch, PatchMap, PhoneNumberIdentifier, TeamsExtensionUserIdentifier,
    Timestamp, UnknownIdentifier, UnknownKind, UnknownVariant,
};

// Those with identifiers are the typed models above; pages are streams and requests are setters.
#[doc(inline)]
pub use acs_core_chat::models::{
    ChatAttachment, ChatAttachmentType, ChatError, ChatMessagePatch, ChatMessageType,
    ChatRetentionPolicy, ChatThreadItem, ChatThreadPatch, NoneRetentionPolicy,
    SendChatMessageResult, ThreadCreationDateRetentionPolicy,
};
