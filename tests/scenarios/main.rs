//! Stories told through the typed client, written once and run against a target: the emulator always, and a live resource
//! when `ACS_LIVE_CONNECTION_STRING` names one.

mod conversations;
mod entities;
mod jobs;
mod policies;
mod routing;
mod target;
mod workers;
