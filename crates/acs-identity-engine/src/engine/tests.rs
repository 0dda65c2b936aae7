//! The rules of users and tokens, on the engine alone.

use serde_json::{Value, json};

use super::*;
use crate::assignment::PrincipalType;
use crate::refusal::RefusalKind;

const VERSION: &str = "2023-10-01";
const APP: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const PERSON: &str = "bbbbbbbb-0000-4000-8000-000000000002";
const TENANT: &str = "cccccccc-0000-4000-8000-000000000003";

fn noon() -> Timestamp {
    Timestamp::parse("2024-01-01T12:00:00.25Z").unwrap()
}

fn minutes_after_noon(minutes: u64) -> Timestamp {
    noon()
        .checked_add(Duration::from_secs(minutes * 60))
        .unwrap()
}

fn engine() -> IdentityEngine {
    IdentityEngine::new(1, SigningKey::derive(b"secret", "users"))
}

fn request(scopes: &[&str], expires_in_minutes: Option<i64>) -> TokenRequest {
    TokenRequest {
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        expires_in_minutes,
        api_version: VERSION.to_owned(),
    }
}

fn create(engine: &mut IdentityEngine) -> String {
    match engine.apply(noon(), Command::CreateUser { token: None }) {
        Ok(Answer::User(CreatedUser { id, token: None })) => id,
        other => panic!("{other:?}"),
    }
}

fn issue(engine: &mut IdentityEngine, user: &str, token: TokenRequest) -> Result<String, Refusal> {
    let user = user.to_owned();
    match engine.apply(noon(), Command::IssueToken { user, token })? {
        Answer::Token(issued) => Ok(issued.token.as_str().to_owned()),
        other => panic!("{other:?}"),
    }
}

fn claims(token: &str) -> Value {
    SigningKey::derive(b"secret", "users").open(token).unwrap()
}

fn entra() -> EntraClaims {
    EntraClaims {
        tenant_id: guid(TENANT).unwrap(),
        object_id: guid(PERSON).unwrap(),
        client_id: guid(APP).unwrap(),
        is_user: true,
        valid_for: Duration::from_secs(1800),
    }
}

fn assign(client_ids: &[&str]) -> Command {
    Command::PutAssignment {
        key: AssignmentKey::read(TENANT, PERSON).unwrap(),
        principal_type: PrincipalType::User,
        client_ids: client_ids.iter().map(|&id| id.to_owned()).collect(),
    }
}

// auth 75
#[test]
fn ids_of_users_share_the_resource_and_look_as_the_service_s() {
    let mut engine = engine();
    let (first, second) = (create(&mut engine), create(&mut engine));
    assert_ne!(first, second);
    for id in [&first, &second] {
        let suffix = id.strip_prefix("8:acs:").unwrap();
        let (resource, user) = suffix.split_once('_').unwrap();
        assert_eq!(resource, engine.resource_id());
        assert!(guid(user).is_some() && guid(resource).is_some(), "{id}");
    }
    assert!(engine.has_user(&first));
}

// auth 74, 82
#[test]
fn a_user_is_answered_with_its_token_only_if_one_was_asked_for() {
    let mut engine = engine();
    let token = Some(request(&["chat"], Some(60)));
    let Ok(Answer::User(user)) = engine.apply(noon(), Command::CreateUser { token }) else {
        panic!("not created");
    };
    let written = json!(user);
    assert_eq!(written["identity"], json!({ "id": user.id }));
    assert_eq!(
        written["accessToken"]["expiresOn"],
        "2024-01-01T13:00:00.2500000+00:00"
    );
    let without = json!(CreatedUser {
        token: None,
        ..user
    });
    assert_eq!(without.get("accessToken"), None);
}

// auth 85
#[test]
fn a_token_has_the_claims_that_were_seen_in_the_wild() {
    let mut engine = engine();
    let user = create(&mut engine);
    let token = issue(&mut engine, &user, request(&["chat", "voip"], Some(60))).unwrap();
    let claims = claims(&token);
    assert_eq!(claims["acsScope"], "chat,voip");
    assert_eq!(claims["skypeid"], user.strip_prefix("8:").unwrap());
    assert_eq!(claims["resourceId"], engine.resource_id());
    let (iat, exp) = (
        claims["iat"].as_i64().unwrap(),
        claims["exp"].as_i64().unwrap(),
    );
    assert_eq!(iat, noon().unix_seconds());
    assert_eq!(exp - iat, 3600);
}

// auth 42
#[test]
fn both_alphabets_of_base64_read_the_claims_alike() {
    let mut engine = engine();
    let user = create(&mut engine);
    for _ in 0..50 {
        let token = issue(&mut engine, &user, request(&["chat"], None)).unwrap();
        let payload = token.split('.').nth(1).unwrap();
        assert!(!payload.contains(['-', '_']), "{payload}");
        let revoke = Command::RevokeTokens { user: user.clone() };
        engine.apply(noon(), revoke).unwrap();
    }
}

// auth 43, 86
#[test]
fn a_token_is_good_until_it_expires_and_a_user_may_have_many() {
    let mut engine = engine();
    let user = create(&mut engine);
    let short = issue(&mut engine, &user, request(&["chat"], Some(60))).unwrap();
    let long = issue(&mut engine, &user, request(&["voip"], None)).unwrap();
    let verified = engine.verify(&short, minutes_after_noon(59)).unwrap();
    assert_eq!(verified.identifier.raw_id(), user);
    assert_eq!(verified.scopes, [TokenScope::Chat]);
    let late = engine.verify(&short, minutes_after_noon(60));
    assert_eq!(late, Err(TokenError::Expired));
    assert!(engine.verify(&long, minutes_after_noon(1439)).is_ok());
}

// auth 77, 86
#[test]
fn revoking_ends_the_tokens_so_far_and_no_others_even_within_a_second() {
    let mut engine = engine();
    let (user, other) = (create(&mut engine), create(&mut engine));
    let before = issue(&mut engine, &user, request(&["chat"], None)).unwrap();
    let of_other = issue(&mut engine, &other, request(&["chat"], None)).unwrap();
    let revoke = Command::RevokeTokens { user: user.clone() };
    assert_eq!(engine.apply(noon(), revoke), Ok(Answer::Done));
    let after = issue(&mut engine, &user, request(&["chat"], None)).unwrap();
    assert_eq!(engine.verify(&before, noon()), Err(TokenError::Revoked));
    assert!(engine.verify(&after, noon()).is_ok());
    assert!(engine.verify(&of_other, noon()).is_ok());
}

// auth 77
#[test]
fn deleting_ends_the_user_and_its_tokens_and_may_be_repeated() {
    let mut engine = engine();
    let user = create(&mut engine);
    let token = issue(&mut engine, &user, request(&["chat"], None)).unwrap();
    for _ in 0..2 {
        let delete = Command::DeleteUser { user: user.clone() };
        assert_eq!(engine.apply(noon(), delete), Ok(Answer::Done));
    }
    assert!(!engine.has_user(&user));
    assert_eq!(engine.verify(&token, noon()), Err(TokenError::UnknownUser));
    let refusal = issue(&mut engine, &user, request(&["chat"], None)).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::IdentityNotFound);
}

// auth 89
#[test]
fn foreign_users_are_not_found_and_other_texts_are_refused_by_name() {
    let mut engine = engine();
    create(&mut engine);
    let before = engine.users.clone();
    for (user, kind) in [
        ("8:acs:other_user", RefusalKind::IdentityNotFound),
        ("8:spool:user", RefusalKind::IdentityNotFound),
        ("8:orgid:user", RefusalKind::Validation),
        ("4:+1425", RefusalKind::Validation),
        ("user", RefusalKind::Validation),
        ("", RefusalKind::Validation),
    ] {
        let user = user.to_owned();
        for command in [
            Command::RevokeTokens { user: user.clone() },
            Command::DeleteUser { user: user.clone() },
            Command::IssueToken {
                user: user.clone(),
                token: request(&["chat"], None),
            },
        ] {
            let refusal = engine.apply(noon(), command).unwrap_err();
            assert_eq!(refusal.kind, kind, "{user}");
        }
    }
    assert_eq!(engine.users, before);
}

// auth 79
#[test]
fn a_refused_first_token_creates_no_user() {
    let mut engine = engine();
    let before = engine.users.clone();
    for token in [request(&["chat"], Some(59)), request(&["fly"], None)] {
        let token = Some(token);
        let refusal = engine
            .apply(noon(), Command::CreateUser { token })
            .unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::Validation);
    }
    assert_eq!(engine.users, before);
}

// auth 86
#[test]
fn another_access_key_ends_all_tokens() {
    let mut engine = engine();
    let user = create(&mut engine);
    let token = issue(&mut engine, &user, request(&["chat"], None)).unwrap();
    let mut rotated = IdentityEngine {
        tokens: OpenedTokens::new(SigningKey::derive(b"rotated", "users")),
        ..engine
    };
    assert_eq!(rotated.verify(&token, noon()), Err(TokenError::Signature));
}

// auth 58, 83
#[test]
fn a_teams_user_s_token_lives_as_long_as_the_entra_token() {
    let mut engine = engine();
    let exchange = |app_id: &str, user_id: &str, entra| {
        Command::ExchangeTeamsUserToken(TeamsUser {
            entra,
            app_id: app_id.to_owned(),
            user_id: user_id.to_owned(),
        })
    };
    let good = exchange(APP, PERSON, Some(entra()));
    let Ok(Answer::Token(issued)) = engine.apply(noon(), good) else {
        panic!("not exchanged");
    };
    assert_eq!(issued.expires_on, minutes_after_noon(30));
    let user = engine.verify(issued.token.as_str(), noon()).unwrap();
    assert_eq!(user.identifier.raw_id(), format!("8:orgid:{PERSON}"));
    for (app_id, user_id, entra, status, target) in [
        (APP, PERSON, None, 401, None),
        ("app", PERSON, Some(entra()), 400, Some("appId")),
        (TENANT, PERSON, Some(entra()), 400, Some("appId")),
        (APP, "person", Some(entra()), 400, Some("userId")),
        (APP, TENANT, Some(entra()), 400, Some("userId")),
    ] {
        let command = exchange(app_id, user_id, entra);
        let refusal = engine.apply(noon(), command).unwrap_err();
        assert_eq!((refusal.kind.status(), refusal.target), (status, target));
    }
}

// auth 84
#[test]
fn assignments_are_created_replaced_read_and_deleted() {
    let mut engine = engine();
    let key = AssignmentKey::read(TENANT, PERSON).unwrap();
    assert_eq!(engine.assignment(&key).unwrap_err().kind.status(), 404);
    for (client_ids, is_new) in [(&[][..], true), (&[APP], false)] {
        let Ok(Answer::Assigned { created, .. }) = engine.apply(noon(), assign(client_ids)) else {
            panic!("not assigned");
        };
        assert_eq!(created, is_new);
    }
    assert_eq!(
        json!(engine.assignment(&key).unwrap()),
        json!({ "objectId": PERSON, "tenantId": TENANT, "principalType": "user", "clientIds": [APP] })
    );
    let refusal = engine.apply(noon(), assign(&["app"])).unwrap_err();
    assert_eq!(refusal.target, Some("clientIds"));
    let delete = Command::DeleteAssignment { key: key.clone() };
    assert_eq!(engine.apply(noon(), delete), Ok(Answer::Done));
    assert!(engine.assignment(&key).is_err());
    assert_eq!(
        AssignmentKey::read("t", PERSON).unwrap_err().target,
        Some("tenantId")
    );
}

// auth 55, 56, 63
#[test]
fn the_teams_extension_gives_tokens_to_those_who_have_an_assignment() {
    let mut engine = engine();
    let exchange = || Command::ExchangeTeamsExtensionToken(entra());
    let refusal = engine.apply(noon(), exchange()).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Forbidden);
    engine.apply(noon(), assign(&[TENANT])).unwrap();
    let refusal = engine.apply(noon(), exchange()).unwrap_err();
    assert!(refusal.message.contains(APP), "{refusal}");
    engine.apply(noon(), assign(&[])).unwrap();
    let Ok(Answer::User(user)) = engine.apply(noon(), exchange()) else {
        panic!("not exchanged");
    };
    assert_eq!(
        user.id,
        format!("8:acs:{}_{TENANT}_{PERSON}", engine.resource_id())
    );
    let token = user.token.unwrap();
    assert_eq!(token.expires_on, minutes_after_noon(30));
    let user = engine.verify(token.token.as_str(), noon()).unwrap();
    assert!(matches!(
        user.identifier,
        CommunicationIdentifier::TeamsExtensionUser(_)
    ));
}
