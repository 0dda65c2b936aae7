//! The pipeline against servers: what is sent, what is returned, when something goes wrong and when nothing does.

// With this feature alone, a program must install a provider before it can make a client; see the tests of `tls`.
#![cfg(not(all(
    feature = "rustls-no-provider",
    not(any(feature = "rustls", feature = "native-tls"))
)))]

mod answers;
mod cancellation;
mod client;
mod credentials;
mod faults;
mod paging;
mod raw_server;
mod redaction;
mod requests;
mod retries;
