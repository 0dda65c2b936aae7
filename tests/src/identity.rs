//! The calls of the identity service.

use acs_identity::{
    AccessToken, CommunicationUserIdentifier, TeamsExtensionPrincipalType, Timestamp, TokenScope,
};

use crate::{OperationCall, Proof, action, delete, done, read};

const CREATED: &str = r#"{"identity":{"id":"8:acs:r_u"}}"#;
const TOKEN: &str = r#"{"token":"t","expiresOn":"2024-01-18T09:30:00.0000000+00:00"}"#;
const EXCHANGED: &str = r#"{"identity":{"id":"8:acs:r_u"},
    "accessToken":{"token":"t","expiresOn":"2024-01-18T09:30:00.0000000+00:00"}}"#;
const ASSIGNMENT: &str = r#"{"objectId":"o","tenantId":"t","principalType":"user"}"#;
const ASSIGNED: &str = "/access/teamsExtension/tenants/t/assignments/o";

/// One call of each operation, in the order of the fact table.
pub(crate) const CALLS: [OperationCall; 9] = [
    OperationCall {
        status: 201,
        ..of_identity(action("create", "/identities", CREATED, |client| {
            done(client.identity.create_user())
        }))
    },
    of_identity(delete("delete", "/identities/8%3Aacs%3Ar_u", |client| {
        done(client.identity.delete_user(&user()))
    })),
    OperationCall {
        status: 204,
        ..of_identity(action(
            "revokeAccessTokens",
            "/identities/8%3Aacs%3Ar_u/:revokeAccessTokens",
            "",
            |client| done(client.identity.revoke_tokens(&user())),
        ))
    },
    OperationCall {
        body: r#"{"token":"entra","appId":"a","userId":"u"}"#,
        ..of_identity(action(
            "exchangeTeamsUserAccessToken",
            "/teamsUser/:exchangeAccessToken",
            TOKEN,
            |client| done(client.identity.exchange_teams_user_token("entra", "a", "u")),
        ))
    },
    OperationCall {
        body: r#"{"scopes":["chat"]}"#,
        ..of_identity(action(
            "issueAccessToken",
            "/identities/8%3Aacs%3Ar_u/:issueAccessToken",
            TOKEN,
            |client| done(client.identity.issue_token(&user(), [TokenScope::Chat])),
        ))
    },
    OperationCall {
        body: "{}",
        proof: Proof::Token("entra"),
        ..of_teams_extension(action(
            "exchangeToken",
            "/access/teamsExtension/:exchangeAccessToken",
            EXCHANGED,
            |client| {
                let last = Timestamp::parse("9999-12-31T00:00:00Z").expect("a time");
                let token = AccessToken::new("entra", last);
                done(client.identity.exchange_teams_extension_token(token))
            },
        ))
    },
    of_teams_extension(read("getAssignment", ASSIGNED, ASSIGNMENT, |client| {
        done(client.identity.get_teams_extension_assignment("t", "o"))
    })),
    OperationCall {
        method: "PUT",
        body: r#"{"principalType":"user"}"#,
        ..of_teams_extension(read("upsertAssignment", ASSIGNED, ASSIGNMENT, |client| {
            let user = TeamsExtensionPrincipalType::User;
            done(
                client
                    .identity
                    .upsert_teams_extension_assignment("t", "o", user),
            )
        }))
    },
    of_teams_extension(delete("deleteAssignment", ASSIGNED, |client| {
        done(client.identity.delete_teams_extension_assignment("t", "o"))
    })),
];

const fn of_identity(call: OperationCall) -> OperationCall {
    OperationCall {
        api_version: "2023-10-01",
        ..call
    }
}

const fn of_teams_extension(call: OperationCall) -> OperationCall {
    OperationCall {
        api_version: "2025-06-30",
        ..call
    }
}

fn user() -> CommunicationUserIdentifier {
    CommunicationUserIdentifier::new("8:acs:r_u")
}
