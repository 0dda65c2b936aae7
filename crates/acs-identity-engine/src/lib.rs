#![doc = include_str!("../README.md")]

mod assignment;
mod command;
mod engine;
mod entra;
mod id;
mod jwt;
mod opened;
mod refusal;
mod scope;
mod time;
mod user_token;

pub use assignment::{AssignmentKey, AssignmentView, PrincipalType};
pub use command::{Answer, Command, CreatedUser, IssuedToken, TeamsUser, TokenRequest};
pub use engine::IdentityEngine;
pub use entra::{EntraClaims, EntraIssuer, EntraRequest, UnusableScopeError};
pub use jwt::{SignedToken, SigningKey, TokenError};
pub use refusal::{Refusal, RefusalKind};
pub use scope::{Lifetime, TokenScope};
pub use user_token::VerifiedUser;
