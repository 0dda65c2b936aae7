#![doc = include_str!("../README.md")]

mod caller;
mod command;
mod engine;
mod events;
mod ids;
mod limits;
mod list;
mod message;
mod refusal;
mod retention;
mod thread;
mod time;
mod transitions;
mod view;

pub use caller::{Access, Caller, Directory};
pub use command::{
    Answer, Command, InvalidParticipant, MessagePatch, Metadata, MetadataPatch, NewMessage,
    NewParticipant, NewThread, Outcome, ThreadPatch,
};
pub use engine::Engine;
pub use events::{Event, EventData, EventKind};
pub use limits::{DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE};
pub use list::{Cursor, Page, PageRequest, ParseCursorError, SkipRequest};
pub use message::MessageType;
pub use refusal::{Refusal, RefusalKind};
pub use retention::RetentionPolicy;
pub use view::{Dialect, MessageView, ParticipantView, ReceiptView, ThreadItemView, ThreadView};
