//! Copies of the committed documents with one thing broken in each: parity reports every one of them.

use serde_json::json;

use super::*;
use crate::process::workspace_root;

/// One thing that is changed in a document, by JSON pointer.
enum Change {
    Set(Value),
    Remove,
    /// The member gets another name.
    Rename(&'static str),
}

use Change::{Remove, Rename, Set};

struct Breakage {
    document: (&'static str, &'static str),
    pointer: &'static str,
    change: Change,
    /// Parts of the reports that have to come of it, each in a report of its own.
    reports: &'static [&'static str],
}

fn breakage(
    document: (&'static str, &'static str),
    pointer: &'static str,
    change: Change,
    reports: &'static [&'static str],
) -> Breakage {
    Breakage {
        document,
        pointer,
        change,
        reports,
    }
}

const ROUTER: (&str, &str) = ("jobrouter", "2024-01-18-preview");
const CHAT: (&str, &str) = ("chat", "2025-03-15");
const IDENTITY: (&str, &str) = ("identity", "2025-06-30");
const EVENTS: (&str, &str) = ("events", "2018-01-01");

/// Breaks of operations: ids, methods, paths, parameters, bodies, answers and headers.
fn operation_breakages() -> Vec<Breakage> {
    vec![
        breakage(
            IDENTITY,
            "/paths/~1identities/post/operationId",
            Set(json!("CommunicationIdentity_Make")),
            &[
                "does not say: operation CommunicationIdentity_Create is POST /identities",
                "says beyond the facts: operation CommunicationIdentity_Make is POST /identities",
            ],
        ),
        breakage(
            IDENTITY,
            "/paths/~1identities/post",
            Rename("put"),
            &["says beyond the facts: operation CommunicationIdentity_Create is PUT /identities"],
        ),
        breakage(
            IDENTITY,
            "/paths/~1identities~1{id}~1:issueAccessToken",
            Rename("/identities/{id}:issueAccessToken"),
            &["CommunicationIdentity_IssueAccessToken is POST /identities/{id}:issueAccessToken"],
        ),
        breakage(
            CHAT,
            "/paths/~1chat~1threads~1{chatThreadId}~1typing",
            Remove,
            &["does not say: operation ChatThread_SendTypingNotification is POST"],
        ),
        breakage(
            CHAT,
            "/components/parameters/PageSize/name",
            Set(json!("maxpagesize")),
            &[
                "ChatThread_ListChatParticipants: query parameter maxpagesize is integer int32, optional",
            ],
        ),
        breakage(
            CHAT,
            "/components/parameters/PageSize/required",
            Set(json!(true)),
            &[
                "ChatThread_ListChatParticipants: query parameter maxPageSize is integer int32, required",
            ],
        ),
        breakage(
            CHAT,
            "/paths/~1chat~1threads/post/parameters/1/in",
            Set(json!("query")),
            &[
                "does not say: operation Chat_CreateChatThread: header parameter repeatability-request-id",
            ],
        ),
        breakage(
            ROUTER,
            "/components/parameters/Conditions.ifUnmodifiedSince/schema/format",
            Set(json!("date-time")),
            &[
                "JobRouterOperations_UpsertJob: header parameter If-Unmodified-Since is string date-time",
            ],
        ),
        breakage(
            CHAT,
            "/paths/~1chat~1threads~1{chatThreadId}/patch/requestBody/content/application~1merge-patch+json",
            Rename("application/json"),
            &[
                "ChatThread_UpdateChatThreadProperties: body is application/json UpdateChatThreadRequest",
            ],
        ),
        breakage(
            CHAT,
            "/paths/~1chat~1threads~1{chatThreadId}~1typing/post/requestBody/required",
            Set(json!(true)),
            &["body is application/json SendTypingNotificationRequest, required"],
        ),
        breakage(
            CHAT,
            "/paths/~1chat~1threads~1{chatThreadId}~1participants~1:add/post/responses/201",
            Rename("200"),
            &[
                "does not say: operation ChatThread_AddChatParticipants: answer 201 is application/json",
            ],
        ),
        breakage(
            CHAT,
            "/paths/~1chat~1threads~1{chatThreadId}/get/responses/429",
            Remove,
            &["does not say: operation ChatThread_GetChatThreadProperties: answer 429 is"],
        ),
        breakage(
            CHAT,
            "/paths/~1chat~1threads~1{chatThreadId}~1messages/post/responses/201/headers/Location",
            Remove,
            &["does not say: operation ChatThread_SendChatMessage: answer 201 has header Location"],
        ),
        breakage(
            IDENTITY,
            "/paths/~1identities/post/responses/201/content",
            Remove,
            &["operation CommunicationIdentity_Create: answer 201 is nothing"],
        ),
        breakage(
            ROUTER,
            "/paths/~1routing~1queues/get/x-ms-pageable",
            Remove,
            &[
                "does not say: operation JobRouterAdministrationOperations_ListQueues: pages have items",
            ],
        ),
        breakage(
            IDENTITY,
            "/paths/~1teamsUser~1:exchangeAccessToken/post/x-acs-since",
            Remove,
            &["CommunicationIdentity_ExchangeTeamsUserAccessToken is new in 2022-06-01"],
        ),
    ]
}

/// Breaks of models and enums.
fn schema_breakages() -> Vec<Breakage> {
    vec![
        breakage(
            CHAT,
            "/components/schemas/ChatMessage/properties/sequenceId",
            Rename("sequenceNumber"),
            &["required names \"sequenceId\", which is no member"],
        ),
        breakage(
            CHAT,
            "/components/schemas/ChatMessage/properties/senderDisplayName",
            Rename("senderName"),
            &[
                "does not say: model ChatMessage: member senderDisplayName is string, optional",
                "says beyond the facts: model ChatMessage: member senderName is string, optional",
            ],
        ),
        breakage(
            CHAT,
            "/components/schemas/ChatMessage/properties/editedOn",
            Remove,
            &["does not say: model ChatMessage: member editedOn is string date-time, optional"],
        ),
        breakage(
            CHAT,
            "/components/schemas/ChatMessage/properties/version/type",
            Set(json!("integer")),
            &["model ChatMessage: member version is integer, required"],
        ),
        breakage(
            CHAT,
            "/components/schemas/ChatThreadItem/required",
            Set(json!(["id"])),
            &["model ChatThreadItem: member topic is string, optional"],
        ),
        breakage(
            CHAT,
            "/components/schemas/ChatThreadItem/properties/lastMessageReceivedOn/readOnly",
            Remove,
            &["lastMessageReceivedOn is string date-time, optional, read-only"],
        ),
        breakage(
            IDENTITY,
            "/components/schemas/CommunicationIdentityCreateRequest/properties/expiresInMinutes/default",
            Set(json!(60)),
            &["expiresInMinutes is integer int32, optional, default 60, since 2022-10-01"],
        ),
        breakage(
            ROUTER,
            "/components/schemas/RouterWorker/properties/labels/additionalProperties",
            Set(json!({ "type": "string" })),
            &["model RouterWorker: member labels is map of string, optional"],
        ),
        breakage(
            CHAT,
            "/components/schemas/ChatMessageType/anyOf/1/enum/4",
            Remove,
            &[
                "does not say: enum ChatMessageType: value participantRemoved",
                "a description of what is not there: ChatMessageType \"participantRemoved\"",
            ],
        ),
        breakage(
            IDENTITY,
            "/components/schemas/CommunicationIdentityTokenScope",
            Set(json!({ "type": "string", "enum": ["chat"], "description": "A scope." })),
            &["says beyond the facts: enum CommunicationIdentityTokenScope is closed"],
        ),
        breakage(
            CHAT,
            "/components/schemas/ChatAttachmentType/x-ms-enum/values/1/x-acs-since",
            Remove,
            &["does not say: enum ChatAttachmentType: value file is new in 2024-03-07"],
        ),
        breakage(
            CHAT,
            "/components/schemas/ChatRetentionPolicy/discriminator/mapping/none",
            Remove,
            &["does not say: model ChatRetentionPolicy with kind none is NoneRetentionPolicy"],
        ),
        breakage(
            CHAT,
            "/components/schemas/ChatRetentionPolicy/discriminator/propertyName",
            Set(json!("type")),
            &["model ChatRetentionPolicy with type none is NoneRetentionPolicy"],
        ),
        breakage(
            CHAT,
            "/components/schemas/NoneRetentionPolicy/properties/kind/enum/0",
            Set(json!("never")),
            &["model NoneRetentionPolicy: member kind is always never, required"],
        ),
        breakage(
            EVENTS,
            "/components/schemas/AcsSmsReceivedEventData/allOf",
            Remove,
            &["does not say: model AcsSmsReceivedEventData extends AcsSmsEventBase"],
        ),
        breakage(
            EVENTS,
            "/components/schemas/CloudEvent/additionalProperties",
            Remove,
            &["does not say: model CloudEvent has further members of anything"],
        ),
        breakage(
            ROUTER,
            "/components/schemas/RouterJob/properties/priority/description",
            Remove,
            &["no description: RouterJob.priority"],
        ),
    ]
}

/// Breaks of the list of events. The first is `Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated`.
fn event_breakages() -> Vec<Breakage> {
    vec![
        breakage(
            EVENTS,
            "/x-acs-event-types/0/type",
            Set(json!("Microsoft.Communication.Advanced")),
            &[
                "does not say: event Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated carries",
                "says beyond the facts: event Microsoft.Communication.Advanced carries",
            ],
        ),
        breakage(
            EVENTS,
            "/x-acs-event-types/0/payload",
            Set(json!("AcsSmsReceivedEventData")),
            &["AdvancedMessageDeliveryStatusUpdated carries AcsSmsReceivedEventData"],
        ),
        breakage(
            EVENTS,
            "/x-acs-event-types/0/payload",
            Remove,
            &["AdvancedMessageDeliveryStatusUpdated carries anything"],
        ),
        breakage(
            EVENTS,
            "/x-acs-event-types/0/subjects",
            Set(json!(["message/{id}"])),
            &[
                "says beyond the facts: event Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated has the subject message/{id}",
            ],
        ),
        breakage(
            EVENTS,
            "/x-acs-event-types/0/family",
            Set(json!("sms")),
            &["AdvancedMessageDeliveryStatusUpdated is of the family sms"],
        ),
    ]
}

#[test]
fn everything_that_is_broken_in_a_document_is_reported() {
    let specs = workspace_root().join("specs");
    let settings = Settings::read(&specs.join("parity.toml")).unwrap();
    let breakages = [operation_breakages(), schema_breakages(), event_breakages()];
    for breakage in breakages.iter().flatten() {
        let reports = reports_on(breakage, &specs, &settings);
        for expected in breakage.reports {
            assert!(
                reports.iter().any(|report| report.contains(expected)),
                "{} {}: {expected:?} is not in {reports:#?}",
                breakage.document.0,
                breakage.pointer
            );
        }
    }
}

/// What parity says about a document with one thing broken: its problems, or why it does not understand the document.
fn reports_on(breakage: &Breakage, specs: &Path, settings: &Settings) -> Vec<String> {
    let (name, version) = breakage.document;
    let service = settings
        .services
        .iter()
        .find(|service| service.name == name);
    let exceptions: Vec<&Exception> = settings
        .exceptions
        .iter()
        .filter(|exception| exception.service == name)
        .collect();
    let facts = Facts::parse(&read(&specs.join(format!("facts/{name}.json"))).unwrap()).unwrap();
    let known = facts
        .statements(version, &service.unwrap().versions[0])
        .unwrap();
    let committed = read(&specs.join("openapi").join(document_name(name, version))).unwrap();
    let mut document: Value = serde_json::from_str(&committed).unwrap();

    let before = compare_document(&committed, version, &known, &exceptions).unwrap();
    assert_eq!(before.problems, Vec::<String>::new());
    breakage.apply(&mut document);
    match compare_document(&document.to_string(), version, &known, &exceptions) {
        Ok(comparison) => comparison.problems,
        Err(error) => vec![format!("{error:#}")],
    }
}

impl Breakage {
    fn apply(&self, document: &mut Value) {
        let (parent, key) = self.pointer.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/");
        let parent = document
            .pointer_mut(parent)
            .unwrap_or_else(|| panic!("{} does not exist", self.pointer));
        match parent {
            Value::Array(items) => {
                let place: usize = key.parse().unwrap();
                match &self.change {
                    Set(value) => items[place] = value.clone(),
                    Remove => drop(items.remove(place)),
                    Rename(_) => panic!("items of a list have no names"),
                }
            }
            Value::Object(members) => {
                let old = members.remove(&key);
                let old = old.unwrap_or_else(|| panic!("{} does not exist", self.pointer));
                match &self.change {
                    Set(value) => drop(members.insert(key, value.clone())),
                    Remove => {}
                    Rename(name) => drop(members.insert((*name).to_owned(), old)),
                }
            }
            _ => panic!("{} is in neither a list nor an object", self.pointer),
        }
    }
}

/// A copy of what parity reads.
fn copy_of_specs() -> tempfile::TempDir {
    let specs = workspace_root().join("specs");
    let copy = tempfile::tempdir().unwrap();
    fs::copy(specs.join("parity.toml"), copy.path().join("parity.toml")).unwrap();
    for folder in ["facts", "openapi"] {
        fs::create_dir(copy.path().join(folder)).unwrap();
        for file in files(&specs.join(folder)).unwrap() {
            let file = format!("{folder}/{file}");
            fs::copy(specs.join(&file), copy.path().join(&file)).unwrap();
        }
    }
    copy
}

#[test]
fn each_file_that_is_missing_is_named() {
    let committed = copy_of_specs();
    let folders = ["facts", "openapi"].map(|folder| (folder, committed.path().join(folder)));
    for (folder, path) in folders {
        for file in files(&path).unwrap() {
            let copy = copy_of_specs();
            fs::remove_file(copy.path().join(folder).join(&file)).unwrap();
            let problems = compare_all(copy.path()).unwrap().problems;
            assert!(
                problems.iter().any(|problem| problem.contains(&file)),
                "{file} is not in {problems:#?}"
            );
        }
    }
}

#[test]
fn a_file_that_nothing_is_compared_with_is_named() {
    let copy = copy_of_specs();
    for file in ["facts/rooms.json", "openapi/chat.2030-01-01.json"] {
        fs::write(copy.path().join(file), "{}").unwrap();
    }
    let problems = compare_all(copy.path()).unwrap().problems;
    assert_eq!(
        problems,
        [
            "specs/parity.toml does not name facts/rooms.json",
            "openapi/chat.2030-01-01.json: no version in specs/parity.toml",
        ]
    );
}

#[test]
fn a_version_that_is_neither_compared_nor_left_out_is_named() {
    let copy = copy_of_specs();
    let settings = copy.path().join("parity.toml");
    let text = read(&settings).unwrap();
    let left_out = "{ version = \"2026-07-22\"";
    assert!(text.contains(left_out));
    fs::write(
        &settings,
        text.replace(left_out, "{ version = \"2027-07-22\""),
    )
    .unwrap();
    let problems = compare_all(copy.path()).unwrap().problems;
    assert_eq!(
        problems,
        [
            "specs/parity.toml does not name identity 2026-07-22",
            "specs/parity.toml names identity 2027-07-22, the facts do not",
        ]
    );
}

#[test]
fn an_exception_is_named_if_one_of_its_statements_explains_nothing() {
    let copy = copy_of_specs();
    let settings = copy.path().join("parity.toml");
    let more =
        "\n[[exception]]\nservice = \"chat\"\nfacts = \"model Toy exists\"\nreason = \"A test.\"\n";
    fs::write(&settings, read(&settings).unwrap() + more).unwrap();
    let problems = compare_all(copy.path()).unwrap().problems;
    assert_eq!(
        problems,
        ["specs/parity.toml: this exception for chat is not needed: model Toy exists"]
    );
}
