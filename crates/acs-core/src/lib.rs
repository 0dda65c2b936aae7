#![doc = include_str!("../README.md")]

mod attempts;
mod authorization;
mod call;
mod clock;
mod error;
mod etag;
mod exchange;
mod link;
mod options;
mod pager;
mod path;
mod pipeline;
mod query;
mod request;
mod response;
mod retry;
mod tls;

#[doc(no_inline)]
pub use acs_auth as auth;
#[doc(no_inline)]
pub use acs_types::{Operation, Timestamp, error_body::ErrorBody};
pub use call::Call;
pub use clock::{Clock, SystemClock};
pub use error::{
    AuthError, ConfigError, DecodeError, Error, Result, ServiceError, TransportError, WaitError,
};
pub use etag::Etag;
#[doc(no_inline)]
pub use http::{HeaderMap, StatusCode};
pub use options::{ClientOptions, RetryOptions};
pub use pager::{Continuation, Page, Pager, Pages, WirePage};
pub use path::{check_id, encode_path};
pub use pipeline::{ClientPackage, Pipeline};
pub use request::{CallFuture, Request};
pub use response::Response;
