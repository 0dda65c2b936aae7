//! A user of the resource, who calls chat with a token.

use serde_json::{Value, json};

use crate::caller::{Answer, Caller, Draft};

/// The api-version of identity that these tests use.
pub(crate) const IDENTITY: &str = "api-version=2023-10-01";

/// The api-version of chat that these tests use.
pub(crate) const CHAT: &str = "api-version=2025-03-15";

/// A user with a token.
pub(crate) struct User<'c> {
    pub(crate) caller: &'c Caller,
    pub(crate) id: String,
    pub(crate) token: String,
}

/// A user with the scope chat.
pub(crate) async fn user(caller: &Caller) -> User<'_> {
    user_with_scopes(caller, &["chat"]).await
}

pub(crate) async fn user_with_scopes<'c>(caller: &'c Caller, scopes: &[&str]) -> User<'c> {
    let body = json!({ "createTokenWithScopes": scopes });
    let request = caller.raw("POST", &format!("/identities?{IDENTITY}"));
    let created = request.json(&body).send().await.expect(201).body;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    User {
        caller,
        id: text(&created["identity"]["id"]),
        token: text(&created["accessToken"]["token"]),
    }
}

impl<'c> User<'c> {
    /// A request of this user to a path under `/chat`, with or without a query; the api-version is added.
    pub(crate) fn request(&self, method: &str, path: &str) -> Draft<'c> {
        let separator = if path.contains('?') { '&' } else { '?' };
        self.bearing(method, &format!("/chat/{path}{separator}{CHAT}"))
    }

    /// A request of this user to a target as it is to be sent.
    pub(crate) fn bearing(&self, method: &str, target: &str) -> Draft<'c> {
        let draft = self.caller.raw(method, target);
        draft.header("authorization", format!("Bearer {}", self.token))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send_unsigned().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send_unsigned().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.request("POST", path).json(&body).send_unsigned().await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.request("PATCH", path)
            .json(&body)
            .send_unsigned()
            .await
    }

    /// Creates a thread with others and gives the path to it, its id as SDKs encode it.
    pub(crate) async fn thread_with(&self, others: &[&User<'_>]) -> String {
        let participants: Vec<Value> = others.iter().map(|other| other.participant()).collect();
        let body = json!({ "topic": "Lunch", "participants": participants });
        let created = self.post("threads", body).await.expect(201).body;
        let id = created["chatThread"]["id"].as_str().unwrap();
        format!("threads/{}", id.replace(':', "%3A").replace('@', "%40"))
    }

    pub(crate) async fn send(&self, thread: &str, content: &str) -> String {
        let path = format!("{thread}/messages");
        let sent = self
            .post(&path, json!({ "content": content }))
            .await
            .expect(201);
        sent.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn identifier(&self) -> Value {
        json!({ "rawId": self.id, "communicationUser": { "id": self.id } })
    }

    pub(crate) fn participant(&self) -> Value {
        json!({ "communicationIdentifier": self.identifier() })
    }
}

/// Follows the links of a list from its first page to its end; gives the items of each page.
pub(crate) async fn pages(user: &User<'_>, path: &str) -> Vec<Vec<Value>> {
    let mut page = user.get(path).await.expect(200).body;
    let mut pages = vec![page["value"].as_array().unwrap().clone()];
    while let Some(link) = page["nextLink"].as_str().map(str::to_owned) {
        page = user
            .bearing("GET", target_of(user, &link))
            .send_unsigned()
            .await
            .expect(200)
            .body;
        pages.push(page["value"].as_array().unwrap().clone());
    }
    pages
}

/// The target of an absolute link to the emulator.
pub(crate) fn target_of<'l>(user: &User<'_>, link: &'l str) -> &'l str {
    link.strip_prefix(user.caller.endpoint()).unwrap()
}

/// The error of chat: its code and message.
#[track_caller]
pub(crate) fn chat_error(answer: &Answer) -> (&str, &str) {
    let error = &answer.body["CommunicationError"];
    assert_eq!(error["Details"], json!([]), "{:#}", answer.body);
    (
        error["Code"].as_str().unwrap(),
        error["Message"].as_str().unwrap(),
    )
}

/// The error of identity: its code, message and target.
#[track_caller]
pub(crate) fn identity_error(answer: &Answer) -> (&str, &str, Option<&str>) {
    let error = &answer.body["error"];
    let text = |name: &str| error[name].as_str();
    (
        text("code").unwrap(),
        text("message").unwrap(),
        text("target"),
    )
}
