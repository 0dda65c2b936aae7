//! The calls on users and their tokens.

use std::time::SystemTime;

use acs_identity_engine::{Answer, AssignmentKey, Command, PrincipalType, TeamsUser, TokenRequest};
use axum::http::StatusCode;

use super::Handler;
use crate::gate::Principal;
use crate::shell::Shell;
use crate::wire::{Call, Failure, Members, Reply};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("create", create),
    ("issueAccessToken", issue_access_token),
    ("revokeAccessTokens", revoke_access_tokens),
    ("delete", delete),
    (
        "exchangeTeamsUserAccessToken",
        exchange_teams_user_access_token,
    ),
    ("exchangeToken", exchange_token),
    ("getAssignment", get_assignment),
    ("upsertAssignment", upsert_assignment),
    ("deleteAssignment", delete_assignment),
];

fn create(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let token = token_request(&members, "createTokenWithScopes", call)?;
    // A lifetime without scopes asks for no token, and is not looked at.
    let token = Some(token).filter(|token| !token.scopes.is_empty());
    match apply(shell, Command::CreateUser { token })? {
        Answer::User(user) => Reply::with_body(StatusCode::CREATED, &user),
        other => unexpected(&other),
    }
}

fn issue_access_token(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let command = Command::IssueToken {
        user: call.id("id")?.to_owned(),
        token: token_request(&members, "scopes", call)?,
    };
    carry_out(shell, command)
}

fn revoke_access_tokens(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let user = call.id("id")?.to_owned();
    carry_out(shell, Command::RevokeTokens { user })
}

fn delete(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let user = call.id("id")?.to_owned();
    carry_out(shell, Command::DeleteUser { user })
}

fn exchange_teams_user_access_token(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let token = members.text("token")?.unwrap_or_default();
    let (app_id, user_id) = (members.text("appId")?, members.text("userId")?);
    let answer = shell.converse(|conversations, moment| {
        let entra = conversations
            .entra()
            .verify_for_teams(&token, SystemTime::now().into());
        let user = TeamsUser {
            entra: entra.ok(),
            app_id: app_id.unwrap_or_default(),
            user_id: user_id.unwrap_or_default(),
        };
        conversations.apply_to_identity(moment, Command::ExchangeTeamsUserToken(user))
    });
    reply(answer?)
}

fn exchange_token(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    call.object()?;
    match &call.principal {
        Principal::TeamsPerson(claims) => {
            let command = Command::ExchangeTeamsExtensionToken(claims.clone());
            carry_out(shell, command)
        }
        other => Err(Failure::internal(format!("{other:?} was let in"))),
    }
}

fn get_assignment(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let key = assignment_key(call)?;
    let found = shell.converse(|conversations, _| conversations.identity().assignment(&key));
    Reply::ok(&found?)
}

fn upsert_assignment(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let members = Members::new(call.object()?);
    let principal_type = members.text("principalType")?.unwrap_or_default();
    let command = Command::PutAssignment {
        key: assignment_key(call)?,
        principal_type: PrincipalType::read(&principal_type)?,
        client_ids: members.texts("clientIds")?.unwrap_or_default(),
    };
    carry_out(shell, command)
}

fn delete_assignment(shell: &Shell, call: &Call<'_>) -> Result<Reply, Failure> {
    let key = assignment_key(call)?;
    carry_out(shell, Command::DeleteAssignment { key })
}

fn assignment_key(call: &Call<'_>) -> Result<AssignmentKey, Failure> {
    Ok(AssignmentKey::read(
        call.id("tenantId")?,
        call.id("objectId")?,
    )?)
}

fn token_request(
    members: &Members,
    scopes: &str,
    call: &Call<'_>,
) -> Result<TokenRequest, Failure> {
    Ok(TokenRequest {
        scopes: members.texts(scopes)?.unwrap_or_default(),
        expires_in_minutes: members.integer("expiresInMinutes")?,
        api_version: call.api_version()?.to_owned(),
    })
}

fn carry_out(shell: &Shell, command: Command) -> Result<Reply, Failure> {
    reply(apply(shell, command)?)
}

fn apply(shell: &Shell, command: Command) -> Result<Answer, Failure> {
    let answer =
        shell.converse(|conversations, moment| conversations.apply_to_identity(moment, command));
    Ok(answer?)
}

fn reply(answer: Answer) -> Result<Reply, Failure> {
    match answer {
        Answer::User(user) => Reply::ok(&user),
        Answer::Token(token) => Reply::ok(&token),
        Answer::Assigned {
            created,
            assignment,
        } => Reply::upserted(created, &assignment),
        Answer::Done => Ok(Reply::no_content()),
        other => unexpected(&other),
    }
}

fn unexpected(answer: &Answer) -> Result<Reply, Failure> {
    Err(Failure::internal(format!(
        "no reply is known for {answer:?}"
    )))
}
