//! Identifiers as JSON objects, in the forms of old and new services and packages.

use acs_types::{CommunicationIdentifier, MicrosoftTeamsUserIdentifier, PhoneNumberIdentifier};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use serde_json::{Value, json};

fn read(json: Value) -> CommunicationIdentifier {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn refusal(json: Value) -> String {
    match serde_json::from_value::<CommunicationIdentifier>(json) {
        Ok(identifier) => panic!("{identifier:?}"),
        Err(error) => error.to_string(),
    }
}

/// One object of each kind: its name, and the member of that name.
fn one_of_each() -> [(&'static str, &'static str, Value); 5] {
    let teams_user = json!({"userId": "u", "isAnonymous": false, "cloud": "dod"});
    let extension_user =
        json!({"userId": "u", "tenantId": "t", "resourceId": "r", "cloud": "gcch"});
    [
        ("communicationUser", "8:acs:u", json!({"id": "8:acs:u"})),
        (
            "phoneNumber",
            "4:+1425",
            json!({"value": "+1425", "isAnonymous": false}),
        ),
        ("microsoftTeamsUser", "8:dod:u", teams_user),
        (
            "microsoftTeamsApp",
            "28:orgid:a",
            json!({"appId": "a", "cloud": "public"}),
        ),
        ("teamsExtensionUser", "8:gcch-acs:r_t_u", extension_user),
    ]
}

#[test]
fn every_kind_is_read_with_and_without_kind_and_raw_id() {
    for (kind, raw_id, member) in one_of_each() {
        for json in [
            json!({"kind": kind, "rawId": raw_id, kind: member}),
            json!({"rawId": raw_id, kind: member}),
            json!({"kind": kind, kind: member}),
            json!({kind: member}),
            json!({"rawId": raw_id}),
            json!({"kind": null, "rawId": "", kind: member, "futureMember": {"a": 1}}),
        ] {
            let identifier = read(json.clone());
            assert_eq!(
                (identifier.kind(), identifier.raw_id()),
                (kind, raw_id),
                "{json}"
            );
            assert_eq!(
                serde_json::to_value(&identifier).unwrap(),
                json!({"rawId": raw_id, kind: member})
            );
            assert_eq!(
                serde_json::to_value(identifier.with_kind()).unwrap(),
                json!({"kind": kind, "rawId": raw_id, kind: member})
            );
        }
    }
}

#[test]
fn a_raw_id_that_says_more_than_the_member_is_kept() {
    for (kind, _, member) in one_of_each() {
        let json = json!({"rawId": "8:more:than_that", kind: member});
        let identifier = read(json.clone());
        assert_eq!(
            (identifier.kind(), identifier.raw_id()),
            (kind, "8:more:than_that")
        );
        assert_eq!(serde_json::to_value(&identifier).unwrap(), json);
    }
}

#[test]
fn a_kind_of_the_future_is_unknown_and_sent_by_its_raw_id_alone() {
    let newer = read(json!({
        "kind": "martian", "rawId": "37:zork", "martian": {"planet": 4}, "communicationUser": {"id": "8:acs:u"},
    }));
    assert!(matches!(newer, CommunicationIdentifier::Unknown(_)));
    assert_eq!((newer.kind(), newer.raw_id()), ("martian", "37:zork"));
    assert_eq!(
        serde_json::to_value(&newer).unwrap(),
        json!({"rawId": "37:zork"})
    );
    assert_eq!(
        serde_json::to_value(newer.with_kind()).unwrap(),
        json!({"kind": "martian", "rawId": "37:zork"})
    );
}

#[test]
fn a_known_kind_without_its_member_is_unknown() {
    for (kind, raw_id, _) in one_of_each() {
        let other = json!({"kind": kind, "rawId": raw_id, "futureMember": {}});
        let identifier = read(other);
        assert!(matches!(identifier, CommunicationIdentifier::Unknown(_)));
        assert_eq!(identifier.raw_id(), raw_id);
    }
    let crossed =
        json!({"kind": "phoneNumber", "rawId": "4:+1", "communicationUser": {"id": "8:acs:u"}});
    assert!(matches!(read(crossed), CommunicationIdentifier::Unknown(_)));
}

#[test]
fn two_members_are_an_error_that_names_them() {
    let kinds = one_of_each();
    for (first, _, first_member) in &kinds {
        for (second, _, second_member) in kinds.iter().filter(|(second, ..)| second != first) {
            let error =
                refusal(json!({"rawId": "4:x", *first: first_member, *second: second_member}));
            assert!(error.contains(&format!("`{first}`")), "{error}");
            assert!(error.contains(&format!("`{second}`")), "{error}");
        }
    }
}

#[test]
fn an_object_that_identifies_nobody_is_an_error_that_says_so() {
    for (json, problem) in [
        (json!({}), "neither a `rawId` nor a member"),
        (json!({"rawId": null}), "neither a `rawId` nor a member"),
        (json!({"rawId": ""}), "neither a `rawId` nor a member"),
        (
            json!({"phoneNumber": null}),
            "neither a `rawId` nor a member",
        ),
        (json!({"kind": "phoneNumber"}), "of kind \"phoneNumber\""),
        (json!({"kind": "bot", "bot": {}}), "of kind \"bot\""),
        (json!({"rawId": "8:orgid:"}), "ends after its prefix"),
        (json!({"phoneNumber": {}}), "missing field `value`"),
        (
            json!({"microsoftTeamsUser": {"cloud": "dod"}}),
            "missing field `userId`",
        ),
        (
            json!({"teamsExtensionUser": {"userId": "u", "tenantId": "t"}}),
            "missing field `resourceId`",
        ),
        (json!({"rawId": 5}), "invalid type"),
        (json!("8:acs:u"), "invalid type"),
    ] {
        let error = refusal(json.clone());
        assert!(error.contains(problem), "{json}: {error}");
    }
}

#[test]
fn members_that_are_left_out_have_their_defaults() {
    let user = read(json!({"microsoftTeamsUser": {"userId": "u"}}));
    assert_eq!(user, MicrosoftTeamsUserIdentifier::new("u").into());
    assert_eq!(
        serde_json::to_value(&user).unwrap(),
        json!({"rawId": "8:orgid:u", "microsoftTeamsUser": {"userId": "u", "isAnonymous": false, "cloud": "public"}})
    );
    let app = read(json!({"microsoftTeamsApp": {"appId": "a", "cloud": null}}));
    assert_eq!(app.raw_id(), "28:orgid:a");
}

#[test]
fn a_cloud_in_capitals_is_written_in_lower_case() {
    for cloud in ["PUBLIC", "DOD", "GCCH"] {
        let user = read(json!({"microsoftTeamsUser": {"userId": "u", "cloud": cloud}}));
        assert_eq!(
            serde_json::to_value(&user).unwrap()["microsoftTeamsUser"]["cloud"],
            cloud.to_lowercase()
        );
    }
}

#[test]
fn an_anonymous_teams_user_keeps_the_cloud_that_the_service_told() {
    let json = json!({
        "rawId": "8:teamsvisitor:u",
        "microsoftTeamsUser": {"userId": "u", "isAnonymous": true, "cloud": "gcch"},
    });
    assert_eq!(serde_json::to_value(read(json.clone())).unwrap(), json);
}

#[test]
fn what_the_service_tells_of_a_phone_number_wins_over_its_value() {
    let told = json!({
        "rawId": "4:+1_x",
        "phoneNumber": {"value": "+1_x", "isAnonymous": true, "assertedId": "y"},
    });
    let CommunicationIdentifier::PhoneNumber(phone) = read(told.clone()) else {
        panic!("{told}");
    };
    assert!(phone.is_anonymous());
    assert_eq!(phone.asserted_id(), Some("y"));
    assert_eq!(
        serde_json::to_value(CommunicationIdentifier::from(phone)).unwrap(),
        told
    );

    let silent = read(json!({"phoneNumber": {"value": "anonymous"}}));
    let CommunicationIdentifier::PhoneNumber(phone) = &silent else {
        panic!("{silent:?}");
    };
    assert!(phone.is_anonymous());
    assert_eq!(silent, PhoneNumberIdentifier::new("anonymous").into());
}

/// Texts around the forms that mean something, and any others.
fn raw_ids() -> impl Strategy<Value = String> {
    let prefix = prop_oneof![
        "4:",
        "8:(acs|dod-acs|gcch-acs|spool|orgid|dod|gcch|teamsvisitor):",
        "28:(orgid|dod|gcch|acs):",
        "[0-9]{0,2}:?[a-z]{0,5}:?",
    ];
    let id = prop_oneof!["[a-z0-9_]{0,8}", "[+a-z0-9_:-]{0,12}", any::<String>()];
    (prefix, id).prop_map(|(prefix, id)| format!("{prefix}{id}"))
}

proptest! {
    #[test]
    fn every_identifier_survives_raw_id_and_json(raw_id in raw_ids()) {
        let Ok(identifier) = CommunicationIdentifier::parse_raw_id(&raw_id) else {
            prop_assert!(raw_id.is_empty() || raw_id.ends_with(':'), "{raw_id:?}");
            return Ok(());
        };
        prop_assert_eq!(identifier.raw_id(), &raw_id);

        let json = serde_json::to_value(&identifier).unwrap();
        let read = serde_json::from_value::<CommunicationIdentifier>(json.clone()).unwrap();
        prop_assert_eq!(&read, &identifier);
        prop_assert_eq!(format!("{read:?}"), format!("{identifier:?}"));
        prop_assert_eq!(serde_json::to_value(&read).unwrap(), json);

        let answer = serde_json::to_string(&identifier.with_kind()).unwrap();
        prop_assert_eq!(serde_json::from_str::<CommunicationIdentifier>(&answer).unwrap(), identifier);
    }

    #[test]
    fn a_member_alone_builds_the_raw_id_it_was_read_from(raw_id in raw_ids()) {
        let Ok(identifier) = CommunicationIdentifier::parse_raw_id(&raw_id) else { return Ok(()) };
        let mut json = serde_json::to_value(&identifier).unwrap();
        if !matches!(identifier, CommunicationIdentifier::Unknown(_)) {
            json.as_object_mut().unwrap().remove("rawId");
        }
        prop_assert_eq!(serde_json::from_value::<CommunicationIdentifier>(json).unwrap(), identifier);
    }

    #[test]
    fn reading_a_raw_id_never_panics(text in any::<String>()) {
        let _ = CommunicationIdentifier::parse_raw_id(&text);
    }
}
