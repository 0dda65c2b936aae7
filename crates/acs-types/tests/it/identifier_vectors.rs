//! Identifiers made and read by the JavaScript, .NET and Python packages.

use acs_types::{
    CommunicationCloud, CommunicationIdentifier, CommunicationUserIdentifier,
    MicrosoftTeamsAppIdentifier, MicrosoftTeamsUserIdentifier, PhoneNumberIdentifier,
    TeamsExtensionUserIdentifier, UnknownIdentifier,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
struct Fixture {
    parse: Vec<Parse>,
    construct: Vec<Construct>,
    deserialize: Vec<Read>,
}

#[derive(Deserialize)]
struct Parse {
    raw_id: String,
    kind: String,
    json_model: Value,
}

#[derive(Deserialize)]
struct Construct {
    kind: String,
    fields: Map<String, Value>,
    explicit_raw_id: Option<String>,
    expected_raw_id: String,
    json_model: Value,
}

#[derive(Deserialize)]
struct Read {
    json_model: Value,
    kind: String,
    fields: Map<String, Value>,
}

fn vectors() -> Fixture {
    serde_json::from_str(include_str!("../fixtures/raw-id-vectors.json")).unwrap()
}

fn read(json: &Value) -> CommunicationIdentifier {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// What a program sees of an identifier, under the names of the wire.
fn members(identifier: &CommunicationIdentifier) -> Value {
    match identifier {
        CommunicationIdentifier::CommunicationUser(user) => json!({"id": user.id()}),
        CommunicationIdentifier::PhoneNumber(phone) => json!({
            "value": phone.value(),
            "isAnonymous": phone.is_anonymous(),
            "assertedId": phone.asserted_id(),
        }),
        CommunicationIdentifier::MicrosoftTeamsUser(user) => json!({
            "userId": user.user_id(),
            "isAnonymous": user.is_anonymous(),
            "cloud": user.cloud(),
        }),
        CommunicationIdentifier::MicrosoftTeamsApp(app) => json!({
            "appId": app.app_id(),
            "cloud": app.cloud(),
        }),
        CommunicationIdentifier::TeamsExtensionUser(user) => json!({
            "userId": user.user_id(),
            "tenantId": user.tenant_id(),
            "resourceId": user.resource_id(),
            "cloud": user.cloud(),
        }),
        _ => json!({}),
    }
}

/// Makes an identifier by its constructor, as a program would.
fn construct(vector: &Construct) -> CommunicationIdentifier {
    let field = |name: &str| vector.fields.get(name).and_then(Value::as_str);
    let text = |name: &str| field(name).unwrap();
    let cloud = CommunicationCloud::from(field("cloud").unwrap_or("public"));
    let is_anonymous = vector.fields.get("isAnonymous") == Some(&json!(true));
    let raw_id = vector.explicit_raw_id.as_deref();
    match vector.kind.as_str() {
        "communicationUser" => CommunicationUserIdentifier::new(text("id")).into(),
        "phoneNumber" => {
            let phone = PhoneNumberIdentifier::new(text("value"));
            match raw_id {
                Some(raw_id) => phone.with_raw_id(raw_id).into(),
                None => phone.into(),
            }
        }
        "microsoftTeamsUser" if is_anonymous => {
            MicrosoftTeamsUserIdentifier::anonymous(text("userId")).into()
        }
        "microsoftTeamsUser" => MicrosoftTeamsUserIdentifier::new(text("userId"))
            .in_cloud(cloud)
            .into(),
        "microsoftTeamsApp" => MicrosoftTeamsAppIdentifier::new(text("appId"))
            .in_cloud(cloud)
            .into(),
        "teamsExtensionUser" => {
            TeamsExtensionUserIdentifier::new(text("resourceId"), text("tenantId"), text("userId"))
                .in_cloud(cloud)
                .into()
        }
        "unknown" => UnknownIdentifier::new(raw_id.unwrap()).into(),
        other => panic!("no constructor for {other}"),
    }
}

#[test]
fn every_raw_id_reads_as_its_kind_and_writes_the_same_raw_id_and_json() {
    let vectors = vectors().parse;
    assert_eq!(vectors.len(), 26);
    for vector in vectors {
        let identifier = CommunicationIdentifier::parse_raw_id(&vector.raw_id).unwrap();
        assert_eq!(identifier.kind(), vector.kind, "{}", vector.raw_id);
        assert_eq!(identifier.raw_id(), vector.raw_id);
        assert_eq!(identifier.to_string(), vector.raw_id);
        assert_eq!(
            serde_json::to_value(&identifier).unwrap(),
            vector.json_model
        );
        let from_json = read(&vector.json_model);
        assert_eq!(from_json, identifier);
        assert_eq!(members(&from_json), members(&identifier));
    }
}

#[test]
fn every_constructed_identifier_has_the_raw_id_and_json_of_the_other_packages() {
    let vectors = vectors().construct;
    assert_eq!(vectors.len(), 9);
    for vector in vectors {
        let identifier = construct(&vector);
        assert_eq!(identifier.kind(), vector.kind);
        assert_eq!(identifier.raw_id(), vector.expected_raw_id);
        assert_eq!(
            serde_json::to_value(&identifier).unwrap(),
            vector.json_model
        );
        assert_eq!(members(&read(&vector.json_model)), members(&identifier));
    }
}

#[test]
fn every_json_form_reads_into_its_members() {
    let vectors = vectors().deserialize;
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let identifier = read(&vector.json_model);
        assert_eq!(identifier.kind(), vector.kind);
        let mut seen = members(&identifier);
        seen["rawId"] = identifier.raw_id().into();
        for (name, value) in &vector.fields {
            assert_eq!(&seen[name], value, "{name} of {}", vector.json_model);
        }
    }
}
